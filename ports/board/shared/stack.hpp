#pragma once

#include <cstdint>

namespace headroom::board {

/// Fills the stack from its bottom up to `end`, which must lie below every frame in use.
void paint_stack_below(std::uint32_t* end) noexcept;

}  // namespace headroom::board
