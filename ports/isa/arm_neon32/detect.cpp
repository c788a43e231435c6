// arm_neon32: whether the processor and the system have NEON and VFPv4. Registers that would tell
// are not readable by a program, so the kernel is asked, without a C library: for the bits that it
// gives every program at its start.
#include "shared/this_port.hpp"

#include <cstdint>

namespace headroom::isa {
namespace {

#if defined(__ARM_NEON) && defined(__ARM_FEATURE_FMA)

// The whole program is compiled for them.
bool supported() noexcept { return true; }

#elif defined(__linux__)

// The numbers are Linux's for ARM EABI.
enum SystemCall : int { kRead = 3, kClose = 6, kOpenAt = 322 };
constexpr std::uint32_t kHardware = 16;  // AT_HWCAP
constexpr std::uint32_t kNeon = 1u << 12, kVfp4 = 1u << 16;

std::int32_t system_call(SystemCall number, std::int32_t a, const void* b,
                         std::uint32_t c) noexcept {
    register std::int32_t r0 asm("r0") = a;
    register const void* r1 asm("r1") = b;
    register std::uint32_t r2 asm("r2") = c;
    register std::int32_t r7 asm("r7") = number;
    asm volatile("svc 0" : "+r"(r0) : "r"(r1), "r"(r2), "r"(r7) : "memory");
    return r0;
}

bool supported() noexcept {
    constexpr std::int32_t here = -100;  // AT_FDCWD
    const std::int32_t file = system_call(kOpenAt, here, "/proc/self/auxv", 0);
    if (file < 0) return false;
    std::uint32_t entry[2] = {1, 0};
    bool found = false;
    while (entry[0] != 0 && !found) {
        if (system_call(kRead, file, entry, sizeof entry) != sizeof entry) break;
        found = entry[0] == kHardware;
    }
    system_call(kClose, file, nullptr, 0);
    return found && (entry[1] & kNeon) != 0 && (entry[1] & kVfp4) != 0;
}

#else

bool supported() noexcept { return false; }

#endif

}  // namespace

constinit const Port arm_neon32 = {"arm_neon32", "NEON and VFPv4 (Cortex-A7, A15 and later)",
                                   supported, this_table(), true};

}  // namespace headroom::isa
