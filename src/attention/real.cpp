#include "attention/real.hpp"

#include <cstdint>

#include "attention/plan.hpp"

namespace headroom::detail {
namespace {

constexpr double kLn2High =
    0x1.62e42fee00000p-1;  // its products with integers below 2^20 are exact
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;

double power_of_two(std::int64_t n) noexcept {
    return __builtin_bit_cast(double, static_cast<std::uint64_t>(n + 1023) << 52);
}

// c[0] + x (c[1] + x (c[2] + ...)).
template <int N>
double polynomial(const double (&c)[N], double x) noexcept {
    double sum = c[N - 1];
    for (int i = N - 2; i >= 0; --i) sum = sum * x + c[i];
    return sum;
}

}  // namespace

// x = 2^n m with m in [sqrt(1/2), sqrt(2)): ln m = 2 artanh(f), f = (m - 1) / (m + 1), by its
// series.
double natural_log(double x) noexcept {
    auto bits = __builtin_bit_cast(std::uint64_t, x);
    std::int64_t n = static_cast<std::int64_t>(bits >> 52) - 1023;
    double m = __builtin_bit_cast(double, (bits & 0x000fffffffffffffu) | 0x3ff0000000000000u);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        ++n;
    }
    constexpr double c[] = {2.0,        2.0 / 3.0,  2.0 / 5.0,  2.0 / 7.0,  2.0 / 9.0, 2.0 / 11.0,
                            2.0 / 13.0, 2.0 / 15.0, 2.0 / 17.0, 2.0 / 19.0, 2.0 / 21.0};
    const double f = (m - 1.0) / (m + 1.0), k = static_cast<double>(n);
    return k * kLn2High + (k * kLn2Low + f * polynomial(c, f * f));
}

// x = n ln 2 + r with |r| <= ln(2) / 2: 2^n times the Taylor series of e^r.
double exponential(double x) noexcept {
    const double scaled = x * 0x1.71547652b82fep+0;
    const auto n = static_cast<std::int64_t>(scaled < 0.0 ? scaled - 0.5 : scaled + 0.5);
    const double k = static_cast<double>(n), r = (x - k * kLn2High) - k * kLn2Low;
    double sum = 1.0;
    for (int i = 16; i > 0; --i) sum = 1.0 + sum * r / i;
    return sum * power_of_two(n);
}

// x = k pi/2 + r. Three parts of pi/2 have 22 bits each, so that k times a part is exact for |k| <
// 2^31.
SinCos sin_cos(double x) noexcept {
    const double turns = x * 0x1.45f306dc9c883p-1;
    const auto k = static_cast<std::int64_t>(turns < 0.0 ? turns - 0.5 : turns + 0.5);
    const double n = static_cast<double>(k);
    double r = x - n * 0x1.921fb00000000p+0;
    r -= n * 0x1.5110b00000000p-22;
    r -= n * 0x1.1846980000000p-44;
    r -= n * 0x1.3198a2e037073p-69;

    const double z = r * r;
    double sin = 1.0, cos = 1.0;
    for (int i = 16; i > 0; i -= 2) {
        sin = 1.0 - sin * z / (i * (i + 1));
        cos = 1.0 - cos * z / (i * (i - 1));
    }
    sin *= r;
    switch (k & 3) {
        case 0:
            return {sin, cos};
        case 1:
            return {cos, -sin};
        case 2:
            return {-sin, -cos};
        default:
            return {-cos, sin};
    }
}

}  // namespace headroom::detail
