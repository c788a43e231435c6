// Arm's semihosting: the debugger, or the emulator, does what an operating system would do.
#pragma once

#include <cstdint>

namespace headroom::board::semihosting {

inline constexpr std::uint32_t open = 0x01, read_mode = 1;  // fopen()'s "rb"
inline constexpr std::uint32_t close = 0x02;
inline constexpr std::uint32_t file_length = 0x0C;
inline constexpr std::uint32_t failed = 0xFFFFFFFF;  // what open returns then
inline constexpr std::uint32_t write0 = 0x04;        // a text that ends with a zero
inline constexpr std::uint32_t get_cmdline = 0x15;
inline constexpr std::uint32_t exit_extended = 0x20;  // SYS_EXIT carries no code on 32 bits

inline constexpr std::uint32_t application_exit = 0x20026;  // a reason for exit_extended

inline std::uint32_t call(std::uint32_t operation, const void* argument) noexcept {
    register std::uint32_t r0 __asm__("r0") = operation;
    register const void* r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

}  // namespace headroom::board::semihosting
