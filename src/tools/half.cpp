#include "tools/half.hpp"

#include <bit>
#include <cmath>

namespace headroom::tools {
namespace {

constexpr std::uint32_t sign_bit = 0x80000000u;
constexpr std::uint32_t infinity = 0x7f800000u;
constexpr std::uint32_t smallest_overflow = 0x477ff000u;  // 65520, half-way beyond the largest half
constexpr std::uint32_t smallest_normal = 0x38800000u;    // 2^-14
constexpr std::uint32_t bias_difference = (127u - 15u) << 23;
constexpr std::uint32_t half_infinity = 0x7c00u, half_nan = 0x7e00u;
constexpr int dropped_bits = 23 - 10;

}  // namespace

float float_of_half(std::uint16_t half) {
    const std::uint32_t sign = (half & 0x8000u) << 16;
    const std::uint32_t exponent = (half >> 10) & 31u, mantissa = half & 1023u;
    if (exponent == 31) return std::bit_cast<float>(sign | infinity | mantissa << dropped_bits);
    if (exponent == 0) {
        const float subnormal = std::ldexp(static_cast<float>(mantissa), -24);
        return sign != 0 ? -subnormal : subnormal;
    }
    return std::bit_cast<float>(sign | ((exponent << 23) + bias_difference) |
                                mantissa << dropped_bits);
}

std::uint16_t half_of_float(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t sign = (bits & sign_bit) >> 16, magnitude = bits & ~sign_bit;
    std::uint32_t half = 0;
    if (magnitude > infinity) {
        half = half_nan;
    } else if (magnitude >= smallest_overflow) {
        half = half_infinity;
    } else if (magnitude >= smallest_normal) {
        const std::uint32_t odd = (magnitude >> dropped_bits) & 1u;
        half = (magnitude - bias_difference + 0xfffu + odd) >> dropped_bits;
    } else {
        // Floats of [0.5, 1) are 2^-24 apart, as subnormal halves are: the addition rounds.
        const float rounded = std::bit_cast<float>(magnitude) + 0.5f;
        half = std::bit_cast<std::uint32_t>(rounded) - std::bit_cast<std::uint32_t>(0.5f);
    }
    return static_cast<std::uint16_t>(sign | half);
}

}  // namespace headroom::tools
