// What the xsimd ports share: a register is one xsimd batch. A port derives from this and adds what
// xsimd does not promise: the fused multiply-add, max with our rule for NaN, the test for NaN
// (8.1's != is an ordered comparison on AVX), partial loads, and transposition.
#pragma once

#include <xsimd/xsimd.hpp>

#include "kernels/lanes.hpp"

namespace headroom::isa {

template <class Arch>
struct XsimdLanes {
    using reg = xsimd::batch<float, Arch>;
    using mask = xsimd::batch_bool<float, Arch>;
    static constexpr int width = static_cast<int>(reg::size);

    static HEADROOM_INLINE reg load(const float* p) noexcept { return reg::load_unaligned(p); }
    static HEADROOM_INLINE void store(float* p, reg x) noexcept { x.store_unaligned(p); }
    static HEADROOM_INLINE reg zero() noexcept { return reg(0.0f); }
    static HEADROOM_INLINE reg splat(float x) noexcept { return reg(x); }
    static HEADROOM_INLINE reg add(reg a, reg b) noexcept { return a + b; }
    static HEADROOM_INLINE reg sub(reg a, reg b) noexcept { return a - b; }
    static HEADROOM_INLINE reg mul(reg a, reg b) noexcept { return a * b; }
    static HEADROOM_INLINE reg div(reg a, reg b) noexcept { return a / b; }
    static HEADROOM_INLINE mask less(reg a, reg b) noexcept { return a < b; }
    static HEADROOM_INLINE mask either(mask m, mask n) noexcept { return m | n; }
    static HEADROOM_INLINE bool any(mask m) noexcept { return xsimd::any(m); }
    static HEADROOM_INLINE bool all(mask m) noexcept { return xsimd::all(m); }
    static HEADROOM_INLINE reg select(mask m, reg a, reg b) noexcept {
        return xsimd::select(m, a, b);
    }
};

}  // namespace headroom::isa
