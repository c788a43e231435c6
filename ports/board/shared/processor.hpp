// Registers of the processor itself that start-up and faults use. Names and places: Armv7-M and
// Armv8-M architecture reference manuals, chapter "System Control Block".
#pragma once

#include <cstdint>

namespace headroom::board {

inline volatile std::uint32_t& processor_register(std::uintptr_t address) noexcept {
    return *reinterpret_cast<volatile std::uint32_t*>(address);
}

inline constexpr std::uintptr_t ccr = 0xE000ED14;
inline constexpr std::uint32_t ccr_div_0_trp = 1u << 4;  // x / 0 faults instead of giving 0
inline constexpr std::uintptr_t shcsr = 0xE000ED24;
inline constexpr std::uint32_t shcsr_mem_bus_usage = 7u << 16;  // else each is a HardFault
inline constexpr std::uintptr_t cfsr = 0xE000ED28;
inline constexpr std::uintptr_t hfsr = 0xE000ED2C;
inline constexpr std::uintptr_t mmfar = 0xE000ED34;
inline constexpr std::uintptr_t bfar = 0xE000ED38;
inline constexpr std::uintptr_t cpacr = 0xE000ED88;
inline constexpr std::uint32_t cpacr_cp10_cp11 = 0xFu << 20;  // the FPU, and Helium
inline constexpr std::uintptr_t fpdscr = 0xE000EF3C;
// AHP, DN, FZ, RMode and FZ16. The field below them, LTPSIZE, is Helium's and must stay.
inline constexpr std::uint32_t fpscr_modes = 0x07C80000;

}  // namespace headroom::board
