#include "bench/shapes/measure.hpp"

#include <cstdio>
#include <cstdlib>

#include "bench/shapes/marks.hpp"
#include "board/board.hpp"

namespace bench {
namespace {

namespace board = headroom::board;

constexpr int width = 13;  // of a column of numbers

void print_number(bool known, std::size_t number) {
    if (known)
        std::printf(" %*lu", width, static_cast<unsigned long>(number));
    else
        std::printf(" %*s", width, "-");
}

// Whoever starts an emulator that lets time count instructions says so.
bool time_is_instructions() { return std::getenv("HEADROOM_COUNTED") != nullptr; }

void expect_ok(const Row& row, headroom::Result result) {
    if (result.ok()) return;
    std::printf("%s: %s (argument %d)\n", row.name, describe(result.status), result.argument);
    std::exit(1);
}

}  // namespace

void print_header() {
    std::printf("%-16s %*s %*s %*s %*s\n", "shape", width, "arena bytes", width, "stack bytes",
                width, "ticks", width, "instructions");
}

void measure(const Row& row, headroom::Result (*call)(const void*), const void* subject) {
    // Once in advance: what a C library binds at the first call is no part of this one.
    expect_ok(row, call(subject));
    const std::size_t stack_before = board::repaint_stack();
    const std::uint32_t begin = board::ticks();
    mark_begin();
    const headroom::Result result = call(subject);
    mark_end();
    const std::uint32_t ticks = board::ticks() - begin;
    const std::size_t stack = board::stack_used() - stack_before;
    expect_ok(row, result);

    std::printf("%-16s", row.name);
    print_number(true, row.arena_bytes);
    print_number(board::stack_size() != 0, stack);
    print_number(board::ticks_per_second != 0, ticks);
    print_number(board::ticks_per_second != 0 && time_is_instructions(),
                 board::instructions(ticks));
    std::printf("\n");
}

void print_too_large(const Row& row, const Memory& memory) {
    std::printf("# %s needs %lu bytes, of %lu\n", row.name,
                static_cast<unsigned long>(memory.taken()),
                static_cast<unsigned long>(memory.size()));
}

}  // namespace bench
