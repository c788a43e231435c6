// a * b + c rounded once, without the instruction: exact in double precision but for two cases.
//
// The product of two floats is exact in double (48 bits, no overflow, no underflow). Its sum with c
// is rounded to 53 bits, and then to 24. Rounding twice differs from rounding once only if the
// first rounding lands exactly half-way between two floats, or if the float is subnormal, where
// half-way lies elsewhere. There the sum is first rounded to odd: if it was inexact and its last
// bit is 0, it moves one unit towards the exact value (Boldo and Melquiond, "Emulation of FMA and
// correctly rounded sums", 2008).
#pragma once

#include <cstdint>

namespace headroom::detail {

// The exact error of a rounded sum (Knuth's TwoSum) decides the direction of rounding to odd.
[[gnu::noinline]] static float fma_round_to_odd(double product, double addend,
                                                double sum) noexcept {
    const double back = sum - product;
    const double error = (product - (sum - back)) + (addend - back);
    auto bits = __builtin_bit_cast(std::int64_t, sum);
    if (error != 0.0 && (bits & 1) == 0) {
        const auto error_bits = __builtin_bit_cast(std::int64_t, error);
        bits += (bits ^ error_bits) < 0 ? -1 : 1;  // opposite signs: towards zero
    }
    return static_cast<float>(__builtin_bit_cast(double, bits));
}

inline __attribute__((always_inline)) float fma_exact(float a, float b, float c) noexcept {
    const double product = static_cast<double>(a) * static_cast<double>(b);
    const double addend = static_cast<double>(c);
    const double sum = product + addend;
    const auto bits = __builtin_bit_cast(std::uint64_t, sum);
    const bool half_way = (bits & 0x1fffffffu) == 0x10000000u;
    const bool tiny = (bits << 1) - 1 < (0x3810000000000000u << 1);  // not zero, below 2^-126
    if (__builtin_expect(half_way || tiny, 0)) {
        const std::uint64_t exponent = bits & 0x7ff0000000000000u;
        if (exponent != 0x7ff0000000000000u) return fma_round_to_odd(product, addend, sum);
    }
    return static_cast<float>(sum);
}

}  // namespace headroom::detail
