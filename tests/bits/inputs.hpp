// Inputs, exactly the same on every processor: integers times powers of two.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace headroom::bits {

class Inputs {
public:
    explicit Inputs(std::uint64_t seed) : state_(static_cast<std::uint32_t>(seed * 2654435761u)) {}

    /// In [0, 2^25).
    std::uint32_t bits() {
        state_ = state_ * 1664525u + 1013904223u;
        return state_ >> 7;
    }

    /// In [0, below), below <= 2^10.
    int number(int below) {
        return static_cast<int>((bits() >> 10) * static_cast<std::uint32_t>(below) >> 15);
    }

    /// In (-2, 2) times 2^-exponent, of 24 significant bits: products and sums round, so that an
    /// order or a fused operation shows. Nothing below 2^-20 but zeros of both signs: what flushes
    /// subnormal numbers meets none. One number of 61 is zero.
    float value(int exponent = 0) {
        const auto whole = static_cast<std::int32_t>(bits()) - (1 << 24);
        const bool zero = whole % 61 == 0 || (whole < 8 << exponent && whole > -(8 << exponent));
        return static_cast<float>(whole) * (zero ? 0.0f : power_of_two(-23 - exponent));
    }

    void fill(float* to, std::ptrdiff_t count, int exponent = 0) {
        for (std::ptrdiff_t i = 0; i < count; ++i) to[i] = value(exponent);
    }

private:
    static float power_of_two(int exponent) {
        return std::bit_cast<float>(static_cast<std::uint32_t>(127 + exponent) << 23);
    }

    std::uint32_t state_;
};

/// The exponent that keeps a sum of n products of such numbers near 1: half of log2(n).
constexpr int exponent_for(int n) {
    int exponent = 0;
    while (n >= 4) n /= 4, ++exponent;
    return exponent;
}

/// A NaN whose payload has low bits: what moves them by integer arithmetic makes a number of it.
inline float poison_nan() { return __builtin_nanf("0x1"); }
inline constexpr float infinity = std::numeric_limits<float>::infinity();

}  // namespace headroom::bits
