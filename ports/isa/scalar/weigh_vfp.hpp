// Maxima, and weights from scores, for ARM's scalar floating point: exp.hpp's formula for two keys
// at a time.
//
//   s0 s1   score, then x, then r        s8   maximum       s12  second part of -ln 2
//   s2 s3   t, then 2^n, then the sums   s9   x below it    s13  the cut
//   s4 ...  n, then the polynomial       s10  log2 e        s14  magic
//                                        s11  first part    s15  magic - 127, exact
//                                                           s16  the sixth coefficient
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

// The largest of the scores from `s` to `end`, an even number and not 0, and of m, which is no NaN;
// those are passed over.
inline __attribute__((always_inline)) float largest_score(const float* s, const float* end,
                                                          float m) noexcept {
#if HEADROOM_HAS_VMAXNM
    asm volatile(R"(
1:  vldmia %[s]!, {d0}
    vmaxnm.f32 %[m], s0, %[m]; vmaxnm.f32 %[m], s1, %[m]
    cmp %[s], %[end]
    bne 1b
    )"
                 : [s] "+&r"(s), [m] "+&t"(m)
                 : [end] "r"(end)
                 : "s0", "s1", "cc", "memory");
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
#endif
    return m;
}

// Scores from `s` to `end`, an even number, to exp(score - maximum), added to the 16 lanes of sums;
// the first to lane `from`, an even one.
inline __attribute__((always_inline)) void weigh_pairs(float* s, const float* end, float maximum,
                                                       float* sums, Index from) noexcept {
    static constexpr float constants[] = {kExpMagic,      kExpMagic,      kExpFactors[1],
                                          kExpFactors[1], kExpFactors[2], kExpFactors[2],
                                          kExpFactors[3], kExpFactors[3], kExpFactors[4],
                                          kExpFactors[4], 1.0f,           1.0f};
    register float most asm("s8") = maximum;
    register float below asm("s9") = -200.0f;
    register float log2_e asm("s10") = kLog2E;
    register float high asm("s11") = kMinusLn2High;
    register float low asm("s12") = kMinusLn2Low;
    register float cut asm("s13") = kExpCut;
    register float magic asm("s14") = kExpMagic;
    register float unbiased asm("s15") = kExpMagic - 127.0f;
    register float sixth asm("s16") = kExpFactors[0];
    float* lane = sums + from;
    const float* stop;
    asm volatile(R"(
1:  sub %[stop], %[sums], %[lane]; add %[stop], %[s], %[stop]; add %[stop], %[stop], #64
    cmp %[stop], %[end]; it hi; movhi %[stop], %[end]
2:  vldr d0, [%[s]]
    vsub.f32 s0, s0, s8; vsub.f32 s1, s1, s8
)"
#if HEADROOM_HAS_VMAXNM
                 R"(
    vminnm.f32 s2, s0, s1; vcmp.f32 s2, s13; vmrs APSR_nzcv, fpscr; bmi 4f
3:  vldr d1, [%[constants]]
)"
#else
                 R"(
    vcmp.f32 s0, s13; vmrs APSR_nzcv, fpscr; bmi 4f
    vcmp.f32 s1, s13; vmrs APSR_nzcv, fpscr; bmi 4f
3:  vldr d1, [%[constants]]
)"
#endif
                 R"(
    vfma.f32 s2, s0, s10; vfma.f32 s3, s1, s10
    vsub.f32 s4, s2, s14; vsub.f32 s5, s3, s14
    vsub.f32 s2, s2, s15; vsub.f32 s3, s3, s15
    vfma.f32 s0, s4, s11; vfma.f32 s1, s5, s11
    vfma.f32 s0, s4, s12; vfma.f32 s1, s5, s12
    vcvt.u32.f32 s2, s2, #23; vcvt.u32.f32 s3, s3, #23
    vldr d2, [%[constants], #8]; vfma.f32 s4, s16, s0; vfma.f32 s5, s16, s1
    vldr d3, [%[constants], #16]; vfma.f32 s6, s4, s0; vfma.f32 s7, s5, s1
    vldr d2, [%[constants], #24]; vfma.f32 s4, s6, s0; vfma.f32 s5, s7, s1
    vldr d3, [%[constants], #32]; vfma.f32 s6, s4, s0; vfma.f32 s7, s5, s1
    vldr d2, [%[constants], #40]; vfma.f32 s4, s6, s0; vfma.f32 s5, s7, s1
    vldr d3, [%[constants], #40]; vfma.f32 s6, s4, s0; vfma.f32 s7, s5, s1
    vmul.f32 s6, s6, s2; vmul.f32 s7, s7, s3
    vldr d1, [%[lane]]
    vstmia %[s]!, {d3}
    vadd.f32 s2, s2, s6; vadd.f32 s3, s3, s7
    vstmia %[lane]!, {d1}
    cmp %[s], %[stop]
    bne 2b
    mov %[lane], %[sums]
    cmp %[s], %[end]
    bne 1b
    b 5f
4:  vcmp.f32 s0, s13; vmrs APSR_nzcv, fpscr; it mi; vmovmi.f32 s0, s9
    vcmp.f32 s1, s13; vmrs APSR_nzcv, fpscr; it mi; vmovmi.f32 s1, s9
    b 3b
5:
)"
                 : [s] "+&r"(s), [lane] "+&r"(lane), [stop] "=&r"(stop)
                 : [end] "r"(end), [sums] "r"(sums), [constants] "r"(constants), "t"(most),
                   "t"(below), "t"(log2_e), "t"(high), "t"(low), "t"(cut), "t"(magic),
                   "t"(unbiased), "t"(sixth)
                 : "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "cc", "memory");
}

}  // namespace headroom::detail
