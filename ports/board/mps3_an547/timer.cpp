// The system timer of Arm's SSE-300, which shows the subsystem's counter: 64 bits, counting up.
#include "board/shared/timer.hpp"
#include "board/board.hpp"

namespace headroom::board {
namespace {

struct Counter {
    std::uint32_t control;  // bit 0: count
};

volatile Counter& counter() noexcept {
    return *reinterpret_cast<volatile Counter*>(0x58100000);  // the secure control frame
}

volatile std::uint32_t& low_word() noexcept {
    return *reinterpret_cast<volatile std::uint32_t*>(0x58000000);  // CNTPCT, secure timer 0
}

}  // namespace

const std::uint32_t ticks_per_second = 32'000'000;

void start_timer() noexcept { counter().control = 1; }

std::uint32_t ticks() noexcept { return low_word(); }

}  // namespace headroom::board
