// Memory protection. CODE is memory that can be written on the MPS boards, unlike the flash of a
// device; and below the stack some of them have registers that take every write in silence.
#include "guard.hpp"

#include "linker_symbols.hpp"
#include "processor.hpp"

namespace headroom::board {
namespace {

constexpr std::uintptr_t mpu_ctrl = 0xE000ED94, mpu_rnr = 0xE000ED98, mpu_rbar = 0xE000ED9C;
constexpr std::uint32_t default_map_elsewhere = 1u << 2, enable = 1;

std::uint32_t address(const void* place) noexcept {
    return reinterpret_cast<std::uintptr_t>(place);
}

#if __ARM_ARCH >= 8

constexpr std::uintptr_t mpu_rlar = 0xE000EDA0, mpu_mair0 = 0xE000EDC0;

void set_read_only(std::uint32_t number, std::uint32_t start, std::uint32_t end) noexcept {
    constexpr std::uint32_t read_only = 2u << 1;
    processor_register(mpu_rnr) = number;
    processor_register(mpu_rbar) = start | read_only;
    processor_register(mpu_rlar) = ((end - 1) & ~31u) | enable;
}

// Regions must not overlap. Where CODE is elsewhere, memory at address 0 has no use.
void set_regions() noexcept {
    constexpr std::uint32_t write_through = 0xAA;  // attribute 0: normal memory, both levels
    processor_register(mpu_mair0) = write_through;
    set_read_only(0, address(board_code_begin), address(board_code_end));
    if (address(board_code_begin) != 0) set_read_only(1, 0, 1u << 19);
    __asm__ volatile("msr msplim, %0" : : "r"(board_stack_bottom));
}

#else

constexpr std::uintptr_t mpu_rasr = 0xE000EDA0;

// A region's size is a power of two, and its start a multiple of it.
void set_region(std::uint32_t number, std::uint32_t start, std::uint32_t size,
                std::uint32_t attributes) noexcept {
    const auto log2 = static_cast<std::uint32_t>(31 - __builtin_clz(size));
    processor_register(mpu_rnr) = number;
    processor_register(mpu_rbar) = start;
    processor_register(mpu_rasr) = attributes | (log2 - 1) << 1 | enable;
}

void set_regions() noexcept {
    constexpr std::uint32_t never_execute = 1u << 28, read_only = 5u << 24;
    constexpr std::uint32_t no_access = 0, write_through = 1u << 17;
    constexpr std::uint32_t guard_size = 1u << 20;
    set_region(0, address(board_code_begin), address(board_code_end) - address(board_code_begin),
               read_only | write_through);
    set_region(1, address(board_stack_bottom) - guard_size, guard_size, never_execute | no_access);
}

#endif

}  // namespace

void guard_memory() noexcept {
    set_regions();
    processor_register(mpu_ctrl) = default_map_elsewhere | enable;
    __asm__ volatile("dsb\n isb" : : : "memory");
}

}  // namespace headroom::board
