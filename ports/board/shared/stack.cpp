// The stack's high-water mark.
//
//   board_stack_bottom                 lowest written word                    board_stack_top
//   | paint paint paint ... paint paint | what calls left behind | frames now |
//
// It lies at the bottom of the data memory, so that an overflow leaves the memory and faults.
#include "stack.hpp"

#include "board/board.hpp"
#include "linker_symbols.hpp"

namespace headroom::board {
namespace {

constexpr std::uint32_t paint = 0xC0DEFACE;

std::size_t depth_of(const std::uint32_t* place) noexcept {
    return static_cast<std::size_t>(board_stack_top - place) * sizeof *place;
}

}  // namespace

void paint_stack_below(std::uint32_t* end) noexcept {
    for (volatile std::uint32_t* at = board_stack_bottom; at < end; ++at) *at = paint;
}

std::size_t stack_size() noexcept { return depth_of(board_stack_bottom); }

std::size_t stack_used() noexcept {
    const volatile std::uint32_t* at = board_stack_bottom;
    while (at < board_stack_top && *at == paint) ++at;
    return depth_of(const_cast<const std::uint32_t*>(at));
}

[[gnu::noinline]] std::size_t repaint_stack() noexcept {
    // This function's own frame, and the painter's, are below the caller's.
    constexpr int own_words = 32;
    auto* const frame = static_cast<std::uint32_t*>(__builtin_frame_address(0));
    paint_stack_below(frame - own_words);
    return depth_of(frame - own_words);
}

}  // namespace headroom::board
