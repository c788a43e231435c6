// The middle of the softmax, x = exp(x - highest) for a column of registers: kernels/exp.hpp in 22
// instructions. gcc 12 adds copies, and loads of the constants in each turn.
#pragma once

#include <arm_mve.h>

#include "kernels/exp.hpp"

namespace headroom::isa {
namespace {

[[gnu::noinline]] void weigh(float* at, Index stride, Index n, float32x4_t highest) noexcept {
    using namespace detail;
    const float32x4_t magic = vdupq_n_f32(kExpMagic), cut = vdupq_n_f32(kExpCut),
                      factor = vdupq_n_f32(kExpFactors[0]);
    float32x4_t x, power, n_or_p, r;
    mve_pred16_t below;
    asm volatile(
        "dls lr, %[n]\n"
        "1:\n\t"
        "vldrw.32 %q[x], [%[at]]\n\t"
        "vmov %q[power], %q[magic]\n\t"
        "vsub.f32 %q[x], %q[x], %q[highest]\n\t"
        "vfma.f32 %q[power], %q[x], %[log2e]\n\t"
        "vmov %q[r], %q[x]\n\t"
        "vsub.f32 %q[p], %q[power], %q[magic]\n\t"
        "vfma.f32 %q[r], %q[p], %[high]\n\t"
        "vfma.f32 %q[r], %q[p], %[low]\n\t"
        "vmov %q[p], %q[factor]\n\t"
        "vfmas.f32 %q[p], %q[r], %[p5]\n\t"
        "vshl.s32 %q[power], %q[power], #23\n\t"
        "vfmas.f32 %q[p], %q[r], %[p4]\n\t"
        "vfmas.f32 %q[p], %q[r], %[p3]\n\t"
        "vfmas.f32 %q[p], %q[r], %[p2]\n\t"
        "vfmas.f32 %q[p], %q[r], %[one]\n\t"
        "vfmas.f32 %q[p], %q[r], %[one]\n\t"
        "vmul.f32 %q[p], %q[p], %q[power]\n\t"
        "vpt.f32 gt, %q[cut], %q[x]\n\t"
        "vmovt.i32 %q[p], #0\n\t"
        "vstrw.32 %q[p], [%[at]]\n\t"
        "add %[at], %[stride]\n\t"
        "le lr, 1b"
        : [at] "+r"(at), [x] "=&w"(x), [power] "=&w"(power), [p] "=&w"(n_or_p), [r] "=&w"(r),
          "=Up"(below)
        : [n] "r"(n), [stride] "r"(stride * static_cast<Index>(sizeof(float))),
          [highest] "w"(highest), [magic] "w"(magic), [cut] "w"(cut), [factor] "w"(factor),
          [log2e] "r"(kLog2E), [high] "r"(kMinusLn2High), [low] "r"(kMinusLn2Low),
          [p5] "r"(kExpFactors[1]), [p4] "r"(kExpFactors[2]), [p3] "r"(kExpFactors[3]),
          [p2] "r"(kExpFactors[4]), [one] "r"(1.0f)
        : "lr", "memory");
}

}  // namespace
}  // namespace headroom::isa
