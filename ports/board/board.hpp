// What a program may ask the board that it runs on. Only for programs that are built for a board
// (board.cmake); the library itself needs none of it. On a host there is host/board.cpp: the timer
// stands still, and the stack has no size.
#pragma once

#include <cstddef>
#include <cstdint>

namespace headroom::board {

/// The folder's name, for example "mps2_an500".
extern const char* const name;

/// The board's timer, counting up since start. May wrap at 2^32; subtract in std::uint32_t.
std::uint32_t ticks() noexcept;
extern const std::uint32_t ticks_per_second;

/// Processor instructions in a difference of ticks(), under an emulator that lets each instruction
/// take 64 ns (qemu-system-arm -icount shift=6): exact but for one tick, and repeatable.
std::uint32_t instructions(std::uint32_t ticks) noexcept;

/// The stack was painted before main(). Bytes from its top down to the lowest that was written
/// since: its high-water mark. Faults do not count, they have a stack of their own. With the
/// environment's HEADROOM_PRINT_STACK the program prints it as it ends.
std::size_t stack_used() noexcept;
std::size_t stack_size() noexcept;

/// Paints what lies below the caller's frame anew, and returns how much is in use now: the mark of
/// one call is stack_used() after it minus this value.
std::size_t repaint_stack() noexcept;

/// Prints at once, without buffers and without a C library.
void print(const char* text) noexcept;
void print(std::uint32_t number) noexcept;
void print_hex(std::uint32_t number) noexcept;

/// Ends the program; the emulator exits with `code`. Nothing is flushed: that is exit()'s task.
[[noreturn]] void stop(int code) noexcept;

}  // namespace headroom::board
