// a * b + c rounded once, with integers only: for cores whose double precision is software as well.
//
//   product   24 x 24 bits = 47 or 48 bits, shifted left by 15: its leading one is bit 61 or 62
//   addend    24 bits, shifted left by 38: bit 61
//
// One scale serves both, because exponents are counted so that bit 61 stands for 1. The smaller of
// the two moves right by the difference of the exponents; what falls off is kept as one sticky bit,
// far below anything that rounding looks at. Bit 63 is for the carry.
#pragma once

#include <cstdint>

namespace headroom::detail {

struct Unpacked {
    std::uint32_t mantissa;  // leading one at bit 23, or 0
    std::int32_t exponent;   // biased; below 1 for a subnormal number
};

// A zero, or a subnormal number with its leading one moved up to bit 23.
[[gnu::noinline]] static Unpacked unpack_small(std::uint32_t bits) noexcept {
    const std::uint32_t mantissa = bits & 0x7fffffu;
    if (mantissa == 0) return {0, 1};
    const int shift = __builtin_clz(mantissa) - 8;
    return {mantissa << shift, 1 - shift};
}

inline __attribute__((always_inline)) Unpacked unpack(std::uint32_t bits) noexcept {
    const std::uint32_t exponent = (bits >> 23) & 0xffu;
    if (exponent == 0) return unpack_small(bits);
    return {(bits & 0x7fffffu) | 0x800000u, static_cast<std::int32_t>(exponent)};
}

// x >> n with the bits that fall off gathered in bit 0.
inline __attribute__((always_inline)) std::uint64_t shift_sticky(std::uint64_t x, int n) noexcept {
    if (n == 0) return x;
    if (n > 63) return x != 0 ? 1 : 0;
    return (x >> n) | ((x << (64 - n)) != 0 ? 1 : 0);
}

// sum / 2^61 * 2^(exponent - 127), rounded to nearest even; sum is not 0.
inline __attribute__((always_inline)) float round_to_float(std::uint32_t sign, std::uint64_t sum,
                                                           std::int32_t exponent) noexcept {
    const int lead = __builtin_clzll(sum);
    sum <<= lead;
    exponent += 2 - lead;
    if (__builtin_expect(exponent >= 255, 0)) return __builtin_bit_cast(float, sign | 0x7f800000u);
    if (__builtin_expect(exponent < 1, 0)) {
        sum = shift_sticky(sum, 1 - exponent);
        exponent = 1;
    }
    // The leading one is bit 31 of `high`, or missing in a subnormal number. It adds 1 to the
    // exponent field, and so does a carry out of the mantissa.
    const auto high = static_cast<std::uint32_t>(sum >> 32);
    const std::uint32_t sticky = static_cast<std::uint32_t>(sum) != 0 ? 1 : 0;
    const std::uint32_t rest = (high & 0xffu) | sticky, last = (high >> 8) & 1u;
    const std::uint32_t up = rest + last > 0x80u ? 1 : 0;
    return __builtin_bit_cast(
        float, sign | ((static_cast<std::uint32_t>(exponent - 1) << 23) + (high >> 8) + up));
}

// Any three numbers.
[[gnu::noinline]] static float fma_integer_any(float a, float b, float c) noexcept {
    const auto bits_a = __builtin_bit_cast(std::uint32_t, a),
               bits_b = __builtin_bit_cast(std::uint32_t, b),
               bits_c = __builtin_bit_cast(std::uint32_t, c);
    const auto infinite = [](std::uint32_t bits) { return (bits & 0x7f800000u) == 0x7f800000u; };
    // With an infinity or a NaN there is nothing to round.
    if (__builtin_expect(infinite(bits_a) || infinite(bits_b) || infinite(bits_c), 0))
        return infinite(bits_a) || infinite(bits_b) ? a * b + c : c;

    const Unpacked x = unpack(bits_a), y = unpack(bits_b), z = unpack(bits_c);
    std::uint32_t sign = (bits_a ^ bits_b) & 0x80000000u;
    const std::uint32_t sign_c = bits_c & 0x80000000u;
    std::uint64_t product = (static_cast<std::uint64_t>(x.mantissa) * y.mantissa) << 15;
    if (product == 0) return bits_c << 1 != 0 || sign == sign_c ? c : 0.0f;
    std::uint64_t addend = static_cast<std::uint64_t>(z.mantissa) << 38;
    std::int32_t exponent = x.exponent + y.exponent - 127;
    const std::int32_t difference = exponent - z.exponent;
    if (difference >= 0) {
        addend = shift_sticky(addend, difference);
    } else {
        product = shift_sticky(product, -difference);
        exponent = z.exponent;
    }
    std::uint64_t sum = product + addend;
    if (sign != sign_c) {
        if (product == addend) return 0.0f;  // +0, as round to nearest says
        const bool below = product < addend;
        sum = below ? addend - product : product - addend;
        if (below) sign = sign_c;
    }
    return round_to_float(sign, sum, exponent);
}

// The same for normal numbers whose sum is normal, loses less than 32 leading bits, and whose terms
// are less than 2^32 apart: nearly all there are. Words of 32 bits, because a shift of 64 by a
// variable is eight instructions; what is left to fma_integer_any() is tested as it turns up.
// Out of line: it stands in the kernels hundreds of times.
[[gnu::noinline]] static float fma_integer(float a, float b, float c) noexcept {
    const auto bits_a = __builtin_bit_cast(std::uint32_t, a),
               bits_b = __builtin_bit_cast(std::uint32_t, b),
               bits_c = __builtin_bit_cast(std::uint32_t, c);
    const std::uint32_t exponent_a = bits_a >> 23 & 0xffu, exponent_b = bits_b >> 23 & 0xffu,
                        exponent_c = bits_c >> 23 & 0xffu;
    if (exponent_a - 1 >= 254 || exponent_b - 1 >= 254 || exponent_c - 1 >= 254) {
        return fma_integer_any(a, b, c);
    }
    constexpr std::uint32_t top = 0x80000000u;
    const std::uint64_t product =
        static_cast<std::uint64_t>(bits_a << 8 | top) * ((bits_b << 8 | top) >> 1);
    auto high = static_cast<std::uint32_t>(product >> 32),
         low = static_cast<std::uint32_t>(product);
    std::uint32_t addend = (bits_c << 8 | top) >> 2, addend_low = 0;
    std::uint32_t exponent = exponent_a + exponent_b - 127;
    const std::uint32_t apart = exponent - exponent_c;
    if (apart < 32) {  // the addend has no bits that could fall off
        addend_low = addend << 1 << (31 - apart);
        addend >>= apart;
    } else {
        const std::uint32_t right = exponent_c - exponent;
        if (right >= 32) return fma_integer_any(a, b, c);
        const std::uint32_t sticky = low << (32 - right) != 0 ? 1 : 0;
        low = low >> right | high << (32 - right) | sticky;
        high >>= right;
        exponent = exponent_c;
    }

    std::uint64_t sum = static_cast<std::uint64_t>(high) << 32 | low;
    const std::uint64_t other = static_cast<std::uint64_t>(addend) << 32 | addend_low;
    std::uint32_t sign = (bits_a ^ bits_b) & top;
    if (static_cast<std::int32_t>(sign ^ bits_c) < 0) {
        sum -= other;
        if (static_cast<std::int64_t>(sum) < 0) {
            sum = -sum;
            sign ^= top;
        }
    } else {
        sum += other;
    }
    high = static_cast<std::uint32_t>(sum >> 32);
    low = static_cast<std::uint32_t>(sum);
    if (high == 0) return fma_integer_any(a, b, c);
    const auto lead = static_cast<std::uint32_t>(__builtin_clz(high));
    exponent += 1 - lead;
    if (exponent >= 254) return fma_integer_any(a, b, c);
    high = high << lead | low >> 1 >> (31 - lead);
    low <<= lead;

    // The leading one adds 1 to the exponent field. Half is rounded up, and then to even.
    const std::uint32_t half = high >> 7 & 1u, rest = low | high << 25;
    std::uint32_t result = (exponent << 23) + (high >> 8) + half;
    if (half > rest) result &= ~1u;
    return __builtin_bit_cast(float, sign | result);
}

}  // namespace headroom::detail
