// What AArch64's NEON and ARMv7's have in common: four lanes, through xsimd where it does what the
// contract says.
#pragma once

#include "shared/xsimd_lanes.hpp"

#include <arm_neon.h>

namespace headroom::isa {

template <class Arch>
struct NeonLanes : XsimdLanes<Arch> {
    using typename XsimdLanes<Arch>::reg;
    using typename XsimdLanes<Arch>::mask;

    static HEADROOM_INLINE reg load_some(const float* p, int n) noexcept {
        float32x4_t x = vsetq_lane_f32(p[0], vdupq_n_f32(0.0f), 0);
        if (n > 1) x = vsetq_lane_f32(p[1], x, 1);
        if (n > 2) x = vsetq_lane_f32(p[2], x, 2);
        return reg(x);
    }
    static HEADROOM_INLINE void store_some(float* p, reg x, int n) noexcept {
        vst1q_lane_f32(p, x, 0);
        if (n > 1) vst1q_lane_f32(p + 1, x, 1);
        if (n > 2) vst1q_lane_f32(p + 2, x, 2);
    }
    // xsimd's own is fused only where the compiler says so; this is VFMA or does not compile.
    static HEADROOM_INLINE reg mul_add(reg a, reg b, reg c) noexcept {
        return reg(vfmaq_f32(c, a, b));
    }
    // VMAX has rules of its own for NaN and for zeros of different sign.
    static HEADROOM_INLINE reg max(reg a, reg b) noexcept {
        return reg(vbslq_f32(vcgtq_f32(a, b), a, b));
    }
    static HEADROOM_INLINE mask unordered(reg a) noexcept {
        return mask(vmvnq_u32(vceqq_f32(a, a)));
    }
    static HEADROOM_INLINE float max_across(reg a) noexcept {
        const reg pairs = max(a, reg(vrev64q_f32(a)));
        const float low = vgetq_lane_f32(pairs, 0), high = vgetq_lane_f32(pairs, 2);
        return low > high ? low : high;
    }
    static HEADROOM_INLINE reg mul_unless_below(reg x, reg cut, reg a, reg b) noexcept {
        const uint32x4_t product = vreinterpretq_u32_f32(vmulq_f32(a, b));
        return reg(vreinterpretq_f32_u32(vbicq_u32(product, vcltq_f32(x, cut))));
    }
    static HEADROOM_INLINE reg exponent(reg t) noexcept {
        return reg(vreinterpretq_f32_u32(vshlq_n_u32(vreinterpretq_u32_f32(t), 23)));
    }
    // Pairs of rows, then their halves.
    static HEADROOM_INLINE void transpose(const float* const* rows, float* to,
                                          Index stride) noexcept {
        const float32x4x2_t first = vtrnq_f32(vld1q_f32(rows[0]), vld1q_f32(rows[1]));
        const float32x4x2_t second = vtrnq_f32(vld1q_f32(rows[2]), vld1q_f32(rows[3]));
        vst1q_f32(to, vcombine_f32(vget_low_f32(first.val[0]), vget_low_f32(second.val[0])));
        vst1q_f32(to + stride,
                  vcombine_f32(vget_low_f32(first.val[1]), vget_low_f32(second.val[1])));
        vst1q_f32(to + 2 * stride,
                  vcombine_f32(vget_high_f32(first.val[0]), vget_high_f32(second.val[0])));
        vst1q_f32(to + 3 * stride,
                  vcombine_f32(vget_high_f32(first.val[1]), vget_high_f32(second.val[1])));
    }
};

}  // namespace headroom::isa
