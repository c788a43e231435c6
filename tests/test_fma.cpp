// The scalar port's two software multiply-adds are the IEEE one: one rounding, in every case.
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "isa/scalar/fma_exact.hpp"
#include "isa/scalar/fma_integer.hpp"
#include "support/bits.hpp"
#include "support/random.hpp"

using namespace headroom;
using namespace headroom::test;

namespace {

float from_bits(std::uint32_t bits) { return std::bit_cast<float>(bits); }

// Empty if the two agree, NaN for NaN, sign of zero included.
std::string wrong(float a, float b, float c) {
    const float want = std::fma(a, b, c);
    const float exact = detail::fma_exact(a, b, c), integer = detail::fma_integer(a, b, c);
    if (bits_of(want) == bits_of(exact) && bits_of(want) == bits_of(integer)) return {};
    const auto hex = [](float x) { return std::to_string(std::bit_cast<std::uint32_t>(x)) + " "; };
    return "bits of a, b, c, want, by double, by integers: " + hex(a) + hex(b) + hex(c) +
           hex(want) + hex(exact) + hex(integer);
}

// A float of any exponent in [low, high] and a mantissa that is often all zeros or ones at its end.
float shaped(Random& r, std::int64_t low, std::int64_t high) {
    auto mantissa = static_cast<std::uint32_t>(r.bits()) & 0x7fffffu;
    const auto keep = static_cast<int>(r.between(0, 23));
    if (r.chance(0.5)) mantissa &= ~((1u << keep) - 1u);
    if (r.chance(0.2)) mantissa |= (1u << keep) - 1u;
    const auto exponent = static_cast<std::uint32_t>(r.between(low, high)) << 23;
    return from_bits(static_cast<std::uint32_t>(r.bits() & 0x80000000u) | exponent |
                     (mantissa & 0x7fffffu));
}

}  // namespace

TEST_CASE("fma: random bits") {
    Random r(101);
    for (int n = 0; n < repeats(2000000); ++n) {
        const auto bits = [&] { return from_bits(static_cast<std::uint32_t>(r.bits())); };
        const std::string w = wrong(bits(), bits(), bits());
        if (!w.empty()) REQUIRE(w == "");
    }
}

TEST_CASE("fma: numbers as attention has them") {
    Random r(102);
    for (int n = 0; n < repeats(1000000); ++n) {
        const std::string w = wrong(r.normal(), r.normal(), r.normal(8.0));
        if (!w.empty()) REQUIRE(w == "");
    }
}

TEST_CASE("fma: sums near a half-way pattern") {
    // The product of two floats has 48 bits; c is put so that the sum ends close to the middle
    // between two floats, where rounding first to double and then to float goes wrong.
    Random r(103);
    for (int n = 0; n < repeats(2000000); ++n) {
        const float a = shaped(r, 100, 150), b = shaped(r, 100, 150);
        const double product = double{a} * double{b};
        const int shift = static_cast<int>(r.between(-60, 60));
        float c = static_cast<float>(std::ldexp(product, shift));
        if (r.chance(0.3)) c = -static_cast<float>(product);  // cancellation: a tiny exact rest
        if (r.chance(0.3)) c = from_bits(std::bit_cast<std::uint32_t>(c) & 0xffffff00u);
        if (r.chance(0.1)) c = std::nextafter(c, 0.0f);
        const std::string w = wrong(a, b, c);
        if (!w.empty()) REQUIRE(w == "");
    }
}

TEST_CASE("fma: exactly half-way, and a hair beside it") {
    // The product is half an ulp of c, times (1 + x) (1 - x) = 1 - x^2: for x = 2^-15 and below, a
    // double cannot tell the sum from the tie. With x = 0 it is the tie.
    for (int k = 1; k <= 24; ++k)
        for (const std::uint32_t odd : {0u, 1u, 2u, 3u, 0x7ffffeu, 0x7fffffu})
            for (const float sign : {1.0f, -1.0f})
                for (const int base : {-100, -20, 0, 20, 80}) {
                    const float x = k == 24 ? 0.0f : std::ldexp(1.0f, -k);
                    const float c = std::ldexp(from_bits(0x3f800000u | odd), base);
                    const float a = std::ldexp(1.0f + x, base / 2);
                    const float b = std::ldexp(1.0f - x, base - base / 2 - 24) * sign;
                    REQUIRE(wrong(a, b, c) == "");
                    REQUIRE(wrong(a, b, -c) == "");
                    REQUIRE(wrong(b, a, 3 * c) == "");
                }
}

TEST_CASE("fma: half-way between subnormal numbers, and a hair beside it") {
    // All subnormal numbers are 2^-149 apart, so half-way is 2^-150 whatever their size.
    for (int k = 1; k <= 24; ++k)
        for (std::uint32_t c = 1; c < 0x00a00000u; c += 1 + c / 3)
            for (const float sign : {1.0f, -1.0f}) {
                const float x = k == 24 ? 0.0f : std::ldexp(1.0f, -k);
                const float a = std::ldexp(1.0f + x, -75), b = std::ldexp(1.0f - x, -75) * sign;
                for (const std::uint32_t bits : {c & ~1u, c | 1u}) {
                    REQUIRE(wrong(a, b, from_bits(bits)) == "");
                    REQUIRE(wrong(a, b, -from_bits(bits)) == "");
                    REQUIRE(wrong(a, 3 * b, from_bits(bits)) == "");
                }
            }
}

TEST_CASE("fma: subnormal results, products below the smallest double of interest, overflow") {
    Random r(104);
    for (int n = 0; n < repeats(1500000); ++n) {
        float a = shaped(r, 0, 140), b = shaped(r, 0, 140), c = shaped(r, 0, 4);
        if (n % 3 == 1) a = shaped(r, 180, 254), b = shaped(r, 180, 254), c = shaped(r, 250, 254);
        if (n % 3 == 2) {  // a product near 2^-149 beside a subnormal
            const std::int64_t e = r.between(1, 120);
            a = shaped(r, e, e), b = shaped(r, std::max<std::int64_t>(0, 105 - e + 1), 128 - e);
        }
        const std::string w = wrong(a, b, c);
        if (!w.empty()) REQUIRE(w == "");
    }
}

TEST_CASE("fma: zeros of both signs, infinities, NaN, the largest and the smallest") {
    const std::uint32_t special[] = {
        0u,          1u,          2u,          0x007fffffu, 0x00800000u, 0x00800001u,
        0x33800000u, 0x3f7fffffu, 0x3f800000u, 0x3f800001u, 0x4b800000u, 0x7e800000u,
        0x7f7ffffeu, 0x7f7fffffu, 0x7f800000u, 0x7f800001u, 0x7fc00000u};
    for (const std::uint32_t a : special)
        for (const std::uint32_t b : special)
            for (const std::uint32_t c : special)
                for (std::uint32_t signs = 0; signs < 8; ++signs)
                    REQUIRE(wrong(from_bits(a | (signs & 1u) << 31),
                                  from_bits(b | (signs & 2u) << 30),
                                  from_bits(c | (signs & 4u) << 29)) == "");
}
