// tanh(x), at most 2 ulp; odd, exactly +-1 from about 9 on; NaN stays NaN. No division: a port's
// may be inexact.
//
//   |x| < 0.625   x + x z P(z), z = x^2        P of degree 4, fitted to a relative error of 5e-9
//   else          (1 - e) / (1 + e), e = exp(-2 |x|), its quotient by Newton's iteration from the
//                 chord 24/17 - 8/17 d on [1, 2] (relative error 1/17, squared three times), then
//                 one residual step
#pragma once

#include "kernels/exp.hpp"

namespace headroom::detail {

template <class L>
HEADROOM_INLINE typename L::reg tanh_register(typename L::reg x) noexcept {
    using reg = typename L::reg;
    const auto one = L::splat(1.0f), minus = L::splat(-1.0f);
    const auto negative = L::less(x, L::zero());
    const reg size = L::select(negative, L::mul(x, minus), x);

    const reg z = L::mul(x, x);
    reg p = L::splat(-0.005704984068870544f);
    p = L::mul_add(p, z, L::splat(0.0206390842795372f));
    p = L::mul_add(p, z, L::splat(-0.05373971536755562f));
    p = L::mul_add(p, z, L::splat(0.13331441581249237f));
    p = L::mul_add(p, z, L::splat(-0.3333328068256378f));
    const reg near = L::mul_add(L::mul(p, z), x, x);

    const reg e = exp_one<L>(L::mul(size, L::splat(-2.0f)));
    const reg above = L::sub(one, e), below = L::add(one, e), minus_below = L::mul(below, minus);
    reg r = L::mul_add(below, L::splat(-8.0f / 17.0f), L::splat(24.0f / 17.0f));
    for (int i = 0; i < 3; ++i) r = L::mul_add(r, L::mul_add(minus_below, r, one), r);
    const reg q = L::mul(above, r);
    const reg far = L::mul_add(L::mul_add(minus_below, q, above), r, q);

    const reg signed_far = L::select(negative, L::mul(far, minus), far);
    return L::select(L::less(size, L::splat(0.625f)), near, signed_far);
}

}  // namespace headroom::detail
