// Maxima, weights from scores, and their sums, for ARM's scalar floating point: exp.hpp's formula
// for two keys at a time.
//
//   s0 s1   score, then x, then r        s8   maximum       s12  second part of -ln 2
//   s2 s3   t, then 2^n                  s9   coefficient   s13  the cut
//   s4 ...  n, then the polynomial            of r^6        s14  magic
//                                        s10  log2 e        s15  magic - 127, exact
//                                        s11  first part
//
// Two floats are loaded and stored by one instruction, and so is a constant for both: the addend of
// a fused multiply-add is overwritten, so each takes a fresh copy. A VCVT that multiplies by 2^23
// makes 2^n of n + 127; where x is below the cut it is replaced by one whose 2^n is 0.
#pragma once

#include "kernels/exp.hpp"

// VMAXNM and VMINNM prefer numbers to NaN. ARMv7E-M has them together with double precision.
#if defined(__ARM_FEATURE_NUMERIC_MAXMIN) || (defined(__ARM_ARCH_7EM__) && (__ARM_FP & 8))
#define HEADROOM_HAS_VMAXNM 1
#else
#define HEADROOM_HAS_VMAXNM 0
#endif

namespace headroom::detail {

// Its 2^n is 0.
inline constexpr float kFarBelowCut = -200.0f;

// The largest of the scores from `s` to `end`, an even number and not 0, and of m, which is no NaN;
// those are passed over. `least` becomes the least score where that costs less than weigh_pairs()
// saves by it.
inline __attribute__((always_inline)) float largest_score(const float* s, const float* end, float m,
                                                          float& least) noexcept {
#if HEADROOM_HAS_VMAXNM
    least = *s;
    asm volatile(R"(
    sub ip, %[end], %[s]
    tst ip, #8
    bne 2f
1:  vldmia %[s]!, {d0}
    vmaxnm.f32 %[m], s0, %[m]; vmaxnm.f32 %[m], s1, %[m]
    vminnm.f32 %[least], s0, %[least]; vminnm.f32 %[least], s1, %[least]
2:  vldmia %[s]!, {d0}
    vmaxnm.f32 %[m], s0, %[m]; vmaxnm.f32 %[m], s1, %[m]
    vminnm.f32 %[least], s0, %[least]; vminnm.f32 %[least], s1, %[least]
    cmp %[s], %[end]
    bne 1b
    )"
                 : [s] "+&r"(s), [m] "+&t"(m), [least] "+&t"(least)
                 : [end] "r"(end)
                 : "s0", "s1", "r12", "cc", "memory");
#else
    asm volatile(R"(
1:  vldmia %[s]!, {d0}
    vcmp.f32 s0, %[m]; vmrs APSR_nzcv, fpscr; bgt 3f
2:  vcmp.f32 s1, %[m]; vmrs APSR_nzcv, fpscr; bgt 4f
5:  cmp %[s], %[end]
    bne 1b
    b 6f
3:  vmov.f32 %[m], s0
    b 2b
4:  vmov.f32 %[m], s1
    b 5b
6:
    )"
                 : [s] "+&r"(s), [m] "+&t"(m)
                 : [end] "r"(end)
                 : "s0", "s1", "cc", "memory");
    least = m;
#endif
    return m;
}

// Scores from `s` to `end`, an even number and not 0, to exp(score - most).
inline __attribute__((always_inline)) void weigh_pairs(float* s, const float* end, float most,
                                                       float least) noexcept {
    static constexpr float constants[] = {
        kExpMagic,      kExpMagic,          kExpFactors[1], kExpFactors[1],
        kExpFactors[2], kExpFactors[2],     kExpFactors[3], kExpFactors[3],
        kExpFactors[4], kExpFactors[4],     1.0f,           1.0f,
        kLog2E,         kMinusLn2High,      kMinusLn2Low,   kExpCut,
        kExpMagic,      kExpMagic - 127.0f, kExpFactors[0], kFarBelowCut};
#if HEADROOM_HAS_VMAXNM
    // Rare, so the loop below shall not look at every x.
    if (least - most < kExpCut) {
        for (float* at = s; at != end; ++at) {
            const float x = *at - most;
            *at = x < kExpCut ? kFarBelowCut : x;
        }
        most = 0.0f;
    }
#else
    static_cast<void>(least);
#endif
    register float maximum asm("s8") = most;
    asm volatile(R"(
    vldr d5, [%[constants], #48]; vldr d6, [%[constants], #56]; vldr d7, [%[constants], #64]
    vldr s9, [%[constants], #72]
2:  vldr d0, [%[s]]
    vsub.f32 s0, s0, s8; vsub.f32 s1, s1, s8
)"
#if !HEADROOM_HAS_VMAXNM
                 R"(
    vcmp.f32 s0, s13; vmrs APSR_nzcv, fpscr; bmi 4f
    vcmp.f32 s1, s13; vmrs APSR_nzcv, fpscr; bmi 4f
)"
#endif
                 R"(
3:  vldr d1, [%[constants]]
    vfma.f32 s2, s0, s10; vfma.f32 s3, s1, s10
    vsub.f32 s4, s2, s14; vsub.f32 s5, s3, s14
    vsub.f32 s2, s2, s15; vsub.f32 s3, s3, s15
    vfma.f32 s0, s4, s11; vfma.f32 s1, s5, s11
    vfma.f32 s0, s4, s12; vfma.f32 s1, s5, s12
    vcvt.u32.f32 s2, s2, #23; vcvt.u32.f32 s3, s3, #23
    vldr d2, [%[constants], #8]; vfma.f32 s4, s9, s0; vfma.f32 s5, s9, s1
    vldr d3, [%[constants], #16]; vfma.f32 s6, s4, s0; vfma.f32 s7, s5, s1
    vldr d2, [%[constants], #24]; vfma.f32 s4, s6, s0; vfma.f32 s5, s7, s1
    vldr d3, [%[constants], #32]; vfma.f32 s6, s4, s0; vfma.f32 s7, s5, s1
    vldr d2, [%[constants], #40]; vfma.f32 s4, s6, s0; vfma.f32 s5, s7, s1
    vldr d3, [%[constants], #40]; vfma.f32 s6, s4, s0; vfma.f32 s7, s5, s1
    vmul.f32 s6, s6, s2; vmul.f32 s7, s7, s3
    vstmia %[s]!, {d3}
    cmp %[s], %[end]
    bne 2b
)"
#if !HEADROOM_HAS_VMAXNM
                 R"(
    b 5f
4:  vcmp.f32 s0, s13; vmrs APSR_nzcv, fpscr; it mi; vldrmi s0, [%[constants], #76]
    vcmp.f32 s1, s13; vmrs APSR_nzcv, fpscr; it mi; vldrmi s1, [%[constants], #76]
    b 3b
5:
)"
#endif
                 : [s] "+&r"(s)
                 : [end] "r"(end), [constants] "r"(constants), "t"(maximum)
                 : "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s9", "s10", "s11", "s12", "s13",
                   "s14", "s15", "cc", "memory");
}

// The sums of every 16th weight from `weights` to `end`, whole panels and at least one.
inline __attribute__((always_inline)) void sum_panels(const float* weights, const float* end,
                                                      float* sums) noexcept {
    asm volatile(R"(
    vldmia %[weights]!, {d0-d7}
    b 2f
1:  vldmia %[weights]!, {d8-d11}
    vadd.f32 s0, s0, s16; vadd.f32 s1, s1, s17; vadd.f32 s2, s2, s18; vadd.f32 s3, s3, s19
    vadd.f32 s4, s4, s20; vadd.f32 s5, s5, s21; vadd.f32 s6, s6, s22; vadd.f32 s7, s7, s23
    vldmia %[weights]!, {d8-d11}
    vadd.f32 s8, s8, s16; vadd.f32 s9, s9, s17; vadd.f32 s10, s10, s18; vadd.f32 s11, s11, s19
    vadd.f32 s12, s12, s20; vadd.f32 s13, s13, s21; vadd.f32 s14, s14, s22; vadd.f32 s15, s15, s23
2:  cmp %[weights], %[end]
    bne 1b
    vstmia %[sums], {d0-d7}
)"
                 : [weights] "+&r"(weights)
                 : [end] "r"(end), [sums] "r"(sums)
                 : "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "s12",
                   "s13", "s14", "s15", "s16", "s17", "s18", "s19", "s20", "s21", "s22", "s23",
                   "cc", "memory");
}

// The 16 lanes of a sum, folded 8, 4, 2, 1.
inline __attribute__((always_inline)) float fold_lanes(const float* lanes) noexcept {
    register float sum asm("s0");
    asm volatile(R"(
    vldmia %[lanes], {d0-d7}
    vadd.f32 s0, s0, s8; vadd.f32 s1, s1, s9; vadd.f32 s2, s2, s10; vadd.f32 s3, s3, s11
    vadd.f32 s4, s4, s12; vadd.f32 s5, s5, s13; vadd.f32 s6, s6, s14; vadd.f32 s7, s7, s15
    vadd.f32 s0, s0, s4; vadd.f32 s1, s1, s5; vadd.f32 s2, s2, s6; vadd.f32 s3, s3, s7
    vadd.f32 s0, s0, s2; vadd.f32 s1, s1, s3
    vadd.f32 s0, s0, s1
)"
                 : "=t"(sum)
                 : [lanes] "r"(lanes)
                 : "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "s12", "s13",
                   "s14", "s15", "memory");
    return sum;
}

}  // namespace headroom::detail
