// Floating-point modes that no program of this library may run in, for tests that do it anyway.
#pragma once

#include <cfenv>
#include <cstdint>
#include <span>

namespace headroom::test {

/// A field of the processor's control register, and what a mode puts there.
struct FloatMode {
    const char* name;
    std::uint32_t field;
    std::uint32_t value;
    bool flushes;  // subnormal numbers; otherwise it is the rounding that differs
};

// What the C library keeps in a fenv_t is the register itself.
#if defined(__x86_64__)

constexpr std::uint32_t kRounding = 3u << 13;  // of MXCSR
constexpr FloatMode all_float_modes[] = {{"up", kRounding, 2u << 13, false},
                                         {"down", kRounding, 1u << 13, false},
                                         {"towards zero", kRounding, 3u << 13, false},
                                         {"flush results", 1u << 15, 1u << 15, true},
                                         {"flush operands", 1u << 6, 1u << 6, true}};
inline unsigned& control_register(std::fenv_t& environment) { return environment.__mxcsr; }

#elif defined(__aarch64__) || defined(__ARM_FP)

constexpr std::uint32_t kRounding = 3u << 22;  // of FPCR and of FPSCR
constexpr FloatMode all_float_modes[] = {{"up", kRounding, 1u << 22, false},
                                         {"down", kRounding, 2u << 22, false},
                                         {"towards zero", kRounding, 3u << 22, false},
                                         {"flush", 1u << 24, 1u << 24, true}};
#if defined(__aarch64__)
inline unsigned& control_register(std::fenv_t& environment) { return environment.__fpcr; }
#elif defined(__linux__)
inline unsigned& control_register(std::fenv_t& environment) { return environment.__cw; }
#else
inline std::fenv_t& control_register(std::fenv_t& environment) { return environment; }
#endif

#else

inline std::uint32_t& control_register(std::fenv_t&) {
    static std::uint32_t none = 0;
    return none;
}
// Floating point in software has no modes.
constexpr std::span<const FloatMode> all_float_modes;

#endif

/// The modes that this processor has.
inline std::span<const FloatMode> float_modes() { return all_float_modes; }

/// Computes in a mode until the end of the scope.
class InFloatMode {
public:
    explicit InFloatMode(const FloatMode& mode) {
        std::fegetenv(&before_);
        std::fenv_t environment = before_;
        auto& word = control_register(environment);
        word = (word & ~mode.field) | mode.value;
        std::fesetenv(&environment);
    }
    ~InFloatMode() { std::fesetenv(&before_); }
    InFloatMode(const InFloatMode&) = delete;
    InFloatMode& operator=(const InFloatMode&) = delete;

private:
    std::fenv_t before_;
};

}  // namespace headroom::test
