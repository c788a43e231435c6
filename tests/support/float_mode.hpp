// Floating-point modes that no program of this library may run in, for tests that do it anyway. The
// C library's <cfenv> does nothing on some targets, so this is the processor's own register.
#pragma once

#include <cstdint>
#include <span>

namespace headroom::test {

/// A field of the control register, and what a mode puts there.
struct FloatMode {
    const char* name;
    std::uint32_t field;
    std::uint32_t value;
    bool flushes;  // subnormal numbers; otherwise it is the rounding that differs
};

#if defined(__x86_64__)

constexpr std::uint32_t rounding_field = 3u << 13;
constexpr FloatMode all_float_modes[] = {{"up", rounding_field, 2u << 13, false},
                                         {"down", rounding_field, 1u << 13, false},
                                         {"towards zero", rounding_field, 3u << 13, false},
                                         {"flush results", 1u << 15, 1u << 15, true},
                                         {"flush operands", 1u << 6, 1u << 6, true}};
inline std::uint32_t read_float_control() {
    std::uint32_t mxcsr = 0;
    asm volatile("stmxcsr %0" : "=m"(mxcsr));
    return mxcsr;
}
inline void write_float_control(std::uint32_t mxcsr) { asm volatile("ldmxcsr %0" : : "m"(mxcsr)); }

#elif defined(__aarch64__) || defined(__ARM_FP)

constexpr std::uint32_t rounding_field = 3u << 22;
constexpr FloatMode all_float_modes[] = {{"up", rounding_field, 1u << 22, false},
                                         {"down", rounding_field, 2u << 22, false},
                                         {"towards zero", rounding_field, 3u << 22, false},
                                         {"flush", 1u << 24, 1u << 24, true}};
#if defined(__aarch64__)
inline std::uint32_t read_float_control() {
    std::uint64_t fpcr = 0;
    asm volatile("mrs %0, fpcr" : "=r"(fpcr));
    return static_cast<std::uint32_t>(fpcr);
}
inline void write_float_control(std::uint32_t fpcr) {
    asm volatile("msr fpcr, %0" : : "r"(std::uint64_t{fpcr}));
}
#else
inline std::uint32_t read_float_control() {
    std::uint32_t fpscr = 0;
    asm volatile("vmrs %0, fpscr" : "=r"(fpscr));
    return fpscr;
}
inline void write_float_control(std::uint32_t fpscr) {
    asm volatile("vmsr fpscr, %0" : : "r"(fpscr));
}
#endif

#else

// Floating point in software has no modes.
constexpr std::span<const FloatMode> all_float_modes;
inline std::uint32_t read_float_control() { return 0; }
inline void write_float_control(std::uint32_t) {}

#endif

/// The modes that this processor has.
inline std::span<const FloatMode> float_modes() { return all_float_modes; }

/// Computes in a mode until the end of the scope.
class InFloatMode {
public:
    explicit InFloatMode(const FloatMode& mode) : before_(read_float_control()) {
        write_float_control((before_ & ~mode.field) | mode.value);
    }
    ~InFloatMode() { write_float_control(before_); }
    InFloatMode(const InFloatMode&) = delete;
    InFloatMode& operator=(const InFloatMode&) = delete;

private:
    std::uint32_t before_;
};

}  // namespace headroom::test
