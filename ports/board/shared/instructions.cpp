#include "board/board.hpp"

namespace headroom::board {

std::uint32_t instructions(std::uint32_t ticks) noexcept {
    constexpr std::uint64_t nanoseconds_each = 64, second = 1'000'000'000;
    const std::uint64_t per = nanoseconds_each * ticks_per_second;
    return static_cast<std::uint32_t>((ticks * second + per / 2) / per);
}

}  // namespace headroom::board
