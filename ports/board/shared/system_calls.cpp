// What of newlib's system calls is the board's: where the heap lies, what a file is and how a
// program ends. The rest, files and the console, is newlib's own librdimon.
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include <sys/stat.h>

#include "board/board.hpp"
#include "linker_symbols.hpp"
#include "semihosting.hpp"

namespace semihosting = headroom::board::semihosting;

extern "C" {

// librdimon's refuses a heap that lies above the stack.
void* _sbrk(std::ptrdiff_t more) {
    static char* end = board_heap_begin;
    if (more > board_heap_end - end || more < board_heap_begin - end) {
        errno = ENOMEM;
        return reinterpret_cast<void*>(-1);
    }
    char* const start = end;
    end += more;
    return start;
}

// librdimon's takes every file for a terminal. Nothing tells a folder from a file here.
int _stat(const char* path, struct stat* status) {
    const auto length = static_cast<std::uint32_t>(std::strlen(path));
    const std::uint32_t opening[] = {reinterpret_cast<std::uintptr_t>(path), semihosting::read_mode,
                                     length};
    const std::uint32_t file[] = {semihosting::call(semihosting::open, opening)};
    if (file[0] == semihosting::failed) {
        errno = ENOENT;
        return -1;
    }
    *status = {};
    status->st_mode = S_IFREG | S_IRUSR;
    status->st_nlink = 1;
    status->st_size = static_cast<off_t>(semihosting::call(semihosting::file_length, file));
    semihosting::call(semihosting::close, file);
    return 0;
}

// librdimon's first reads a file that says whether the emulator knows this way of ending.
// On request the stack's high-water mark comes last.
[[noreturn]] void _exit(int code) {
    using namespace headroom::board;
    if (std::getenv("HEADROOM_PRINT_STACK") != nullptr) {
        print("stack: ");
        print(stack_used());
        print(" of ");
        print(stack_size());
        print(" bytes used\n");
    }
    stop(code);
}

// How abort() and an exception that nobody catches end: with a message and a shell's code.
int _kill(int, int signal) {
    headroom::board::print("\nSTOPPED by signal ");
    headroom::board::print(static_cast<std::uint32_t>(signal));
    headroom::board::print(signal == SIGABRT ? " (abort)\n" : "\n");
    headroom::board::stop(128 + signal);
}

// What distinguishes shared libraries; there is one program.
void* __dso_handle = nullptr;

// exit() calls this after all destructors; there is nothing left to do.
void _fini() {}
}
