// The middle of the softmax, x = exp(x - highest) for a column of registers: kernels/exp.hpp in 22
// instructions. gcc 12 adds copies, and loads of the constants in each turn.
#pragma once

#include <arm_mve.h>

#include "kernels/exp.hpp"
#include "products.hpp"

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

// The largest of `panels` times 16 floats, in gcc's own words a quarter more.
HEADROOM_INLINE float highest_of(const float* at, Index panels) noexcept {
    float32x4_t a, b, c, d, x, y;
    float highest = detail::kLowest;
    asm("vdup.32 %q[a], %[highest]\n\t"
        "vdup.32 %q[b], %[highest]\n\t"
        "vdup.32 %q[c], %[highest]\n\t"
        "vdup.32 %q[d], %[highest]\n\t"
        "dls lr, %[panels]\n"
        "1:\n\t"
        "vldrw.32 %q[x], [%[at]], #64\n\t"
        "vldrw.32 %q[y], [%[at], #-48]\n\t"
        "vmaxnm.f32 %q[a], %q[x], %q[a]\n\t"
        "vldrw.32 %q[x], [%[at], #-32]\n\t"
        "vmaxnm.f32 %q[b], %q[y], %q[b]\n\t"
        "vldrw.32 %q[y], [%[at], #-16]\n\t"
        "vmaxnm.f32 %q[c], %q[x], %q[c]\n\t"
        "vmaxnm.f32 %q[d], %q[y], %q[d]\n\t"
        "le lr, 1b\n\t"
        "vmaxnm.f32 %q[a], %q[a], %q[b]\n\t"
        "vmaxnm.f32 %q[c], %q[c], %q[d]\n\t"
        "vmaxnm.f32 %q[a], %q[a], %q[c]\n\t"
        "vmaxnmv.f32 %[highest], %q[a]"
        : [at] "+r"(at), [highest] "+r"(highest), [a] "=&w"(a), [b] "=&w"(b), [c] "=&w"(c),
          [d] "=&w"(d), [x] "=&w"(x), [y] "=&w"(y)
        : [panels] "r"(panels)
        : "lr", "memory");
    return highest;
}

// The same for `panels` times 16 weights of one row that lie side by side, and the sums of its 16
// virtual lanes. One row's maximum is a number in a general register, as the other constants can be
// then: four registers are left for the sums. The comparison comes first, since x is used up.
HEADROOM_INLINE void weigh_panels(float* at, Index panels, float highest, float* sums) noexcept {
    using namespace detail;
    const float32x4_t cut = vdupq_n_f32(kExpCut);
    float32x4_t sum[4];
    float32x4_t x, power, p;
    mve_pred16_t below;
    asm volatile(
        ".macro headroom_weigh sum\n\t"
        "vldrw.32 %q[x], [%[at]]\n\t"
        "vdup.32 %q[power], %[magic]\n\t"
        "vsub.f32 %q[x], %q[x], %[highest]\n\t"
        "vfma.f32 %q[power], %q[x], %[log2e]\n\t"
        "vcmp.f32 gt, %q[cut], %q[x]\n\t"
        "vsub.f32 %q[p], %q[power], %[magic]\n\t"
        "vfma.f32 %q[x], %q[p], %[high]\n\t"
        "vfma.f32 %q[x], %q[p], %[low]\n\t"
        "vdup.32 %q[p], %[p6]\n\t"
        "vfmas.f32 %q[p], %q[x], %[p5]\n\t"
        "vshl.s32 %q[power], %q[power], #23\n\t"
        "vfmas.f32 %q[p], %q[x], %[p4]\n\t"
        "vfmas.f32 %q[p], %q[x], %[p3]\n\t"
        "vfmas.f32 %q[p], %q[x], %[p2]\n\t"
        "vfmas.f32 %q[p], %q[x], %[one]\n\t"
        "vfmas.f32 %q[p], %q[x], %[one]\n\t"
        "vmul.f32 %q[p], %q[p], %q[power]\n\t"
        "vpst\n\t"
        "vmovt.i32 %q[p], #0\n\t"
        "vstrw.32 %q[p], [%[at]], #16\n\t"
        "vadd.f32 \\sum, \\sum, %q[p]\n\t"
        ".endm\n\t"
        "vmov.i32 %q[sum0], #0\n\t"
        "vmov.i32 %q[sum1], #0\n\t"
        "vmov.i32 %q[sum2], #0\n\t"
        "vmov.i32 %q[sum3], #0\n\t"
        "dls lr, %[panels]\n"
        "1:\n\t"
        "headroom_weigh %q[sum0]\n\t"
        "headroom_weigh %q[sum1]\n\t"
        "headroom_weigh %q[sum2]\n\t"
        "headroom_weigh %q[sum3]\n\t"
        "le lr, 1b\n\t"
        ".purgem headroom_weigh\n"
        // gcc takes a line for an instruction, and needs to know how long this is.
        "\n\n\n\n\n\n\n\n"
        "\n\n\n\n\n\n\n\n"
        "\n\n\n\n\n\n\n\n"
        "\n\n\n\n\n\n\n\n"
        "\n\n\n\n\n\n\n\n"
        "\n\n\n\n\n\n\n\n"
        "\n\n\n\n\n\n\n\n"
        "\n\n\n\n\n\n\n\n"
        "\n\n\n\n\n\n\n\n"
        : [at] "+r"(at), [x] "=&w"(x), [power] "=&w"(power), [p] "=&w"(p), [sum0] "=&w"(sum[0]),
          [sum1] "=&w"(sum[1]), [sum2] "=&w"(sum[2]), [sum3] "=&w"(sum[3]), "=Up"(below)
        : [panels] "r"(panels), [highest] "r"(highest), [cut] "w"(cut), [magic] "r"(kExpMagic),
          [log2e] "r"(kLog2E), [high] "r"(kMinusLn2High), [low] "r"(kMinusLn2Low),
          [p6] "r"(kExpFactors[0]), [p5] "r"(kExpFactors[1]), [p4] "r"(kExpFactors[2]),
          [p3] "r"(kExpFactors[3]), [p2] "r"(kExpFactors[4]), [one] "r"(1.0f)
        : "lr", "memory");
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) *reinterpret_cast<FourFloats*>(sums + v * 4) = sum[v];
}

}  // namespace
}  // namespace headroom::isa
