// The APB timer of Arm's CMSDK, which the MPS2 images share: 32 bits, counting down.
#include "board/board.hpp"
#include "timer.hpp"

namespace headroom::board {
namespace {

struct CmsdkTimer {
    std::uint32_t control;  // bit 0: count
    std::uint32_t value;
    std::uint32_t reload;
};

volatile CmsdkTimer& timer() noexcept {
    return *reinterpret_cast<volatile CmsdkTimer*>(0x40000000);  // timer 0
}

}  // namespace

const std::uint32_t ticks_per_second = 25'000'000;

void start_timer() noexcept {
    timer().reload = 0xFFFFFFFF;
    timer().value = 0xFFFFFFFF;
    timer().control = 1;
}

std::uint32_t ticks() noexcept { return ~timer().value; }

}  // namespace headroom::board
