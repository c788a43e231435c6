// What of newlib's system calls is the board's: where the heap lies and how a program ends. The
// rest, files and the console, is newlib's own librdimon.
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>

#include "board/board.hpp"
#include "linker_symbols.hpp"

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

// librdimon's first reads a file that says whether the emulator knows this way of ending.
[[noreturn]] void _exit(int code) { headroom::board::stop(code); }

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
