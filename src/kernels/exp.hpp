// exp(x) for x <= 0, at most 1 ulp on [-40, 0]; exactly 0 below -40, exactly 1 at 0; NaN stays NaN.
//
//   t = fma(x, log2 e, magic)        magic = 1.5 * 2^23 + 127: t's low bits hold n + 127
//   n = t - magic                    n = round(x / ln 2)
//   r = fma(n, -ln2_low, fma(n, -ln2_high, x))
//   p = 1 + r + ...                  degree 6, Horner, fused; fitted for |r| <= ln(2) / 2
//   exp = x < -40 ? 0 : p * 2^n      2^n is t's bits shifted left by 23
//
// The power of two is multiplied, not added to the exponent: a NaN whose payload reaches the low
// bits would turn into a number there. The comparison is written so that NaN is not below the cut.
#pragma once

#include "kernels/lanes.hpp"

namespace headroom::detail {

inline constexpr float kExpCut = -40.0f;
inline constexpr float kExpMagic = 12583039.0f;
inline constexpr float kLog2E = 1.44269504088896341f;
inline constexpr float kMinusLn2High = -0.693145751953125f;
inline constexpr float kMinusLn2Low = -1.428606765330187e-06f;
// Of r^6 ... r^2; those of r and 1 are 1.
inline constexpr float kExpFactors[] = {0.0013838812f, 0.00836919248f, 0.0416681021f, 0.166665167f,
                                        0.49999994f};

// N registers in lockstep: enough independent chains to hide the latency of the polynomial.
template <class L, int N>
HEADROOM_INLINE void exp_registers(typename L::reg* x) noexcept {
    using reg = typename L::reg;
    const auto magic = L::splat(kExpMagic);
    reg power[N], r[N], p[N];

#pragma GCC unroll 16
    for (int i = 0; i < N; ++i) power[i] = L::mul_add(x[i], L::splat(kLog2E), magic);
#pragma GCC unroll 16
    for (int i = 0; i < N; ++i) r[i] = L::sub(power[i], magic);
#pragma GCC unroll 16
    for (int i = 0; i < N; ++i) {
        const reg n = r[i];
        r[i] = L::mul_add(n, L::splat(kMinusLn2High), x[i]);
        r[i] = L::mul_add(n, L::splat(kMinusLn2Low), r[i]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < N; ++i)
        p[i] = L::mul_add(L::splat(kExpFactors[0]), r[i], L::splat(kExpFactors[1]));
#pragma GCC unroll 16
    for (int i = 0; i < N; ++i) p[i] = L::mul_add(p[i], r[i], L::splat(kExpFactors[2]));
#pragma GCC unroll 16
    for (int i = 0; i < N; ++i) p[i] = L::mul_add(p[i], r[i], L::splat(kExpFactors[3]));
#pragma GCC unroll 16
    for (int i = 0; i < N; ++i) p[i] = L::mul_add(p[i], r[i], L::splat(kExpFactors[4]));
#pragma GCC unroll 16
    for (int i = 0; i < N; ++i) p[i] = L::mul_add(p[i], r[i], L::splat(1.0f));
#pragma GCC unroll 16
    for (int i = 0; i < N; ++i) p[i] = L::mul_add(p[i], r[i], L::splat(1.0f));
#pragma GCC unroll 16
    for (int i = 0; i < N; ++i) {
        x[i] = L::mul_unless_below(x[i], L::splat(kExpCut), p[i], L::exponent(power[i]));
    }
}

template <class L>
HEADROOM_INLINE typename L::reg exp_one(typename L::reg x) noexcept {
    exp_registers<L, 1>(&x);
    return x;
}

// The same for a single float, for what happens once in a row.
template <class L>
HEADROOM_INLINE float exp_scalar(float x) noexcept {
    float lanes[L::width];
    L::store(lanes, exp_one<L>(L::splat(x)));
    return lanes[0];
}

}  // namespace headroom::detail
