// What board.hpp promises, for a program that runs on a host this time: a console, and nothing to
// measure by.
#include "board/board.hpp"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>

namespace headroom::board {

constinit const char* const name = "host";
const std::uint32_t ticks_per_second = 0;

std::uint32_t ticks() noexcept { return 0; }
std::uint32_t instructions(std::uint32_t) noexcept { return 0; }

std::size_t stack_used() noexcept { return 0; }
std::size_t stack_size() noexcept { return 0; }
std::size_t repaint_stack() noexcept { return 0; }

void print(const char* text) noexcept { std::fputs(text, stdout); }
void print(std::uint32_t number) noexcept { std::printf("%" PRIu32, number); }
void print_hex(std::uint32_t number) noexcept { std::printf("0x%08" PRIx32, number); }

void stop(int code) noexcept {
    std::fflush(stdout);
    std::_Exit(code);
}

}  // namespace headroom::board
