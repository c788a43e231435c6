// Blocks of products of one row for ARM's scalar floating point; registers as in products_vfp.hpp.
#pragma once

#include "products_vfp.hpp"

namespace headroom::detail {

// r1: the row of a; r2 ... r6, r8 ... r10: those of b; s20 s21: from behind a block's rows of b to
// the next block's, and n; s22: the end of what is written. Two products of a sum come first, by
// themselves: they need no zero to add to (a sum of -0 weighs what one of +0 does). Then it is
// eight at a time; a jump into the loop leaves out what its first round has too many.
inline __attribute__((always_inline)) void row_by_rows(Products& task, int r) noexcept {
    register const float* a asm("r1") = task.a[r];
    register float factor asm("s18") = task.factor[r];
    float* out = task.out[r];
    asm volatile(R"(
    ldrd lr, ip, [%[task], #24]
    add ip, %[out], ip, lsl #5; vmov s22, ip
    ldrd r2, ip, [%[task], #16]
    add r3, r2, ip, lsl #2; add r4, r3, ip, lsl #2; add r5, r4, ip, lsl #2
    add r6, r5, ip, lsl #2; add r8, r6, ip, lsl #2; add r9, r8, ip, lsl #2
    add r10, r9, ip, lsl #2
    rsb ip, lr, ip, lsl #3; vmov d10, ip, lr
1:
    vldmia r1!, {d0}; vldmia r2!, {d1}; vldmia r3!, {d2}; vldmia r4!, {d3}
    vldmia r5!, {d4}; vldmia r6!, {d5}; vldmia r8!, {d6}; vldmia r9!, {d7}
    vldmia r10!, {d8}
    vmul.f32 s24, s0, s2; vmul.f32 s25, s0, s4; vmul.f32 s26, s0, s6; vmul.f32 s27, s0, s8
    vmul.f32 s28, s0, s10; vmul.f32 s29, s0, s12; vmul.f32 s30, s0, s14; vmul.f32 s31, s0, s16
    vfma.f32 s24, s1, s3; vfma.f32 s25, s1, s5; vfma.f32 s26, s1, s7; vfma.f32 s27, s1, s9
    vfma.f32 s28, s1, s11; vfma.f32 s29, s1, s13; vfma.f32 s30, s1, s15; vfma.f32 s31, s1, s17
    subs lr, lr, #2
    beq 4f
    ubfx ip, lr, #1, #2
    tbb [pc, ip]
5:  .byte (6f - 5b) / 2, (9f - 5b) / 2, (8f - 5b) / 2, (7f - 5b) / 2
6:  vldmia r1!, {d0}; vldmia r2!, {d1}; vldmia r3!, {d2}; vldmia r4!, {d3}
    vldmia r5!, {d4}; vldmia r6!, {d5}; vldmia r8!, {d6}; vldmia r9!, {d7}
    vldmia r10!, {d8}
    vfma.f32 s24, s0, s2; vfma.f32 s25, s0, s4; vfma.f32 s26, s0, s6; vfma.f32 s27, s0, s8
    vfma.f32 s28, s0, s10; vfma.f32 s29, s0, s12; vfma.f32 s30, s0, s14; vfma.f32 s31, s0, s16
    vfma.f32 s24, s1, s3; vfma.f32 s25, s1, s5; vfma.f32 s26, s1, s7; vfma.f32 s27, s1, s9
    vfma.f32 s28, s1, s11; vfma.f32 s29, s1, s13; vfma.f32 s30, s1, s15; vfma.f32 s31, s1, s17
7:  vldmia r1!, {d0}; vldmia r2!, {d1}; vldmia r3!, {d2}; vldmia r4!, {d3}
    vldmia r5!, {d4}; vldmia r6!, {d5}; vldmia r8!, {d6}; vldmia r9!, {d7}
    vldmia r10!, {d8}
    vfma.f32 s24, s0, s2; vfma.f32 s25, s0, s4; vfma.f32 s26, s0, s6; vfma.f32 s27, s0, s8
    vfma.f32 s28, s0, s10; vfma.f32 s29, s0, s12; vfma.f32 s30, s0, s14; vfma.f32 s31, s0, s16
    vfma.f32 s24, s1, s3; vfma.f32 s25, s1, s5; vfma.f32 s26, s1, s7; vfma.f32 s27, s1, s9
    vfma.f32 s28, s1, s11; vfma.f32 s29, s1, s13; vfma.f32 s30, s1, s15; vfma.f32 s31, s1, s17
8:  vldmia r1!, {d0}; vldmia r2!, {d1}; vldmia r3!, {d2}; vldmia r4!, {d3}
    vldmia r5!, {d4}; vldmia r6!, {d5}; vldmia r8!, {d6}; vldmia r9!, {d7}
    vldmia r10!, {d8}
    vfma.f32 s24, s0, s2; vfma.f32 s25, s0, s4; vfma.f32 s26, s0, s6; vfma.f32 s27, s0, s8
    vfma.f32 s28, s0, s10; vfma.f32 s29, s0, s12; vfma.f32 s30, s0, s14; vfma.f32 s31, s0, s16
    vfma.f32 s24, s1, s3; vfma.f32 s25, s1, s5; vfma.f32 s26, s1, s7; vfma.f32 s27, s1, s9
    vfma.f32 s28, s1, s11; vfma.f32 s29, s1, s13; vfma.f32 s30, s1, s15; vfma.f32 s31, s1, s17
9:  vldmia r1!, {d0}; vldmia r2!, {d1}; vldmia r3!, {d2}; vldmia r4!, {d3}
    vldmia r5!, {d4}; vldmia r6!, {d5}; vldmia r8!, {d6}; vldmia r9!, {d7}
    vldmia r10!, {d8}
    vfma.f32 s24, s0, s2; vfma.f32 s25, s0, s4; vfma.f32 s26, s0, s6; vfma.f32 s27, s0, s8
    vfma.f32 s28, s0, s10; vfma.f32 s29, s0, s12; vfma.f32 s30, s0, s14; vfma.f32 s31, s0, s16
    vfma.f32 s24, s1, s3; vfma.f32 s25, s1, s5; vfma.f32 s26, s1, s7; vfma.f32 s27, s1, s9
    vfma.f32 s28, s1, s11; vfma.f32 s29, s1, s13; vfma.f32 s30, s1, s15; vfma.f32 s31, s1, s17
    subs lr, lr, #8
    bgt 6b
4:  vmov ip, lr, d10
    sub r1, r1, lr, lsl #2
    add r2, r2, ip, lsl #2; add r3, r3, ip, lsl #2; add r4, r4, ip, lsl #2
    add r5, r5, ip, lsl #2; add r6, r6, ip, lsl #2; add r8, r8, ip, lsl #2
    add r9, r9, ip, lsl #2; add r10, r10, ip, lsl #2
    vmul.f32 s24, s18; vmul.f32 s25, s18; vmul.f32 s26, s18; vmul.f32 s27, s18
    vmul.f32 s28, s18; vmul.f32 s29, s18; vmul.f32 s30, s18; vmul.f32 s31, s18
    vmov ip, s22
    vstmia %[out]!, {d12-d15}
    cmp %[out], ip
    bne 1b
)"
                 : [out] "+&r"(out), "+r"(a)
                 : [task] "r"(&task), "t"(factor)
                 : "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r12", "r14", "s0", "s1", "s2",
                   "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "s12", "s13", "s14",
                   "s15", "s16", "s17", "s19", "s20", "s21", "s22", "s23", "s24", "s25", "s26",
                   "s27", "s28", "s29", "s30", "s31", "cc", "memory");
    task.out[r] = out;
}

// r1: the row of a; r2: out; r3: b's of the block, r5: where the loop is, r6: bytes between its
// rows, but for half a block; lr: n; r10: blocks. Four products of a sum at a time, but for the
// first two of an n that is no multiple of four.
inline __attribute__((always_inline)) void row_by_panel(Products& task, int r) noexcept {
    char* const row = reinterpret_cast<char*>(&task) + 4 * r;
    asm volatile(R"(
    ldr r1, [%[row]]; ldr r2, [%[row], #32]
    ldrd r3, r6, [%[task], #16]; ldrd lr, r10, [%[task], #24]
    lsl r6, r6, #2; sub r6, r6, #32
    ldr r4, [%[task], #72]
    vldr s10, [%[row], #48]; vldr s11, [%[task], #64]; vldr s12, [%[task], #68]
1:  cbnz r4, 2f
    vldmia r2, {d8-d15}
    b 3f
2:
    movs ip, #0
    vmov d8, ip, ip; vmov d9, ip, ip; vmov d10, ip, ip; vmov d11, ip, ip
    vmov d12, ip, ip; vmov d13, ip, ip; vmov d14, ip, ip; vmov d15, ip, ip
3:  mov r5, r3; adds r3, r3, #64
    movs ip, lr
    beq 6f
    tst ip, #2
    bne 5f
4:  vldmia r1!, {d0}; vldmia r5!, {d1-d4}
    vfma.f32 s16, s0, s2; vfma.f32 s17, s0, s3; vfma.f32 s18, s0, s4; vfma.f32 s19, s0, s5
    vfma.f32 s20, s0, s6; vfma.f32 s21, s0, s7; vfma.f32 s22, s0, s8; vfma.f32 s23, s0, s9
    vldmia r5, {d1-d4}; add r5, r5, r6
    vfma.f32 s24, s0, s2; vfma.f32 s25, s0, s3; vfma.f32 s26, s0, s4; vfma.f32 s27, s0, s5
    vfma.f32 s28, s0, s6; vfma.f32 s29, s0, s7; vfma.f32 s30, s0, s8; vfma.f32 s31, s0, s9
    vldmia r5!, {d1-d4}
    vfma.f32 s16, s1, s2; vfma.f32 s17, s1, s3; vfma.f32 s18, s1, s4; vfma.f32 s19, s1, s5
    vfma.f32 s20, s1, s6; vfma.f32 s21, s1, s7; vfma.f32 s22, s1, s8; vfma.f32 s23, s1, s9
    vldmia r5, {d1-d4}; add r5, r5, r6
    vfma.f32 s24, s1, s2; vfma.f32 s25, s1, s3; vfma.f32 s26, s1, s4; vfma.f32 s27, s1, s5
    vfma.f32 s28, s1, s6; vfma.f32 s29, s1, s7; vfma.f32 s30, s1, s8; vfma.f32 s31, s1, s9
5:  vldmia r1!, {d0}; vldmia r5!, {d1-d4}
    vfma.f32 s16, s0, s2; vfma.f32 s17, s0, s3; vfma.f32 s18, s0, s4; vfma.f32 s19, s0, s5
    vfma.f32 s20, s0, s6; vfma.f32 s21, s0, s7; vfma.f32 s22, s0, s8; vfma.f32 s23, s0, s9
    vldmia r5, {d1-d4}; add r5, r5, r6
    vfma.f32 s24, s0, s2; vfma.f32 s25, s0, s3; vfma.f32 s26, s0, s4; vfma.f32 s27, s0, s5
    vfma.f32 s28, s0, s6; vfma.f32 s29, s0, s7; vfma.f32 s30, s0, s8; vfma.f32 s31, s0, s9
    vldmia r5!, {d1-d4}
    vfma.f32 s16, s1, s2; vfma.f32 s17, s1, s3; vfma.f32 s18, s1, s4; vfma.f32 s19, s1, s5
    vfma.f32 s20, s1, s6; vfma.f32 s21, s1, s7; vfma.f32 s22, s1, s8; vfma.f32 s23, s1, s9
    vldmia r5, {d1-d4}; add r5, r5, r6
    vfma.f32 s24, s1, s2; vfma.f32 s25, s1, s3; vfma.f32 s26, s1, s4; vfma.f32 s27, s1, s5
    vfma.f32 s28, s1, s6; vfma.f32 s29, s1, s7; vfma.f32 s30, s1, s8; vfma.f32 s31, s1, s9
    subs ip, ip, #4
    bgt 4b
    sub r1, r1, lr, lsl #2
6:
    vmul.f32 s16, s10; vmul.f32 s17, s10; vmul.f32 s18, s10; vmul.f32 s19, s10
    vadd.f32 s16, s11; vadd.f32 s17, s11; vadd.f32 s18, s11; vadd.f32 s19, s11
    vfma.f32 s12, s16, s17; vfma.f32 s12, s18, s19
    vmul.f32 s20, s10; vmul.f32 s21, s10; vmul.f32 s22, s10; vmul.f32 s23, s10
    vadd.f32 s20, s11; vadd.f32 s21, s11; vadd.f32 s22, s11; vadd.f32 s23, s11
    vfma.f32 s12, s20, s21; vfma.f32 s12, s22, s23
    vmul.f32 s24, s10; vmul.f32 s25, s10; vmul.f32 s26, s10; vmul.f32 s27, s10
    vadd.f32 s24, s11; vadd.f32 s25, s11; vadd.f32 s26, s11; vadd.f32 s27, s11
    vfma.f32 s12, s24, s25; vfma.f32 s12, s26, s27
    vmul.f32 s28, s10; vmul.f32 s29, s10; vmul.f32 s30, s10; vmul.f32 s31, s10
    vadd.f32 s28, s11; vadd.f32 s29, s11; vadd.f32 s30, s11; vadd.f32 s31, s11
    vfma.f32 s12, s28, s29; vfma.f32 s12, s30, s31
    vstmia r2!, {d8-d15}
    subs r10, r10, #1
    bne 1b
    vstr s12, [%[task], #68]; str r2, [%[row], #32]
)"
                 :
                 : [task] "r"(&task), [row] "r"(row)
                 : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r12", "r14", "s0", "s1",
                   "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "s12", "s13",
                   "s14", "s15", "s16", "s17", "s18", "s19", "s20", "s21", "s22", "s23", "s24",
                   "s25", "s26", "s27", "s28", "s29", "s30", "s31", "cc", "memory");
}

// The compiler is not to know that there are few rows: it would write the loops out for each.
inline __attribute__((always_inline)) void each_by_rows(Products& task, int rows) noexcept {
    asm("" : "+r"(rows));
    int r = 0;
    do row_by_rows(task, r);
    while (++r != rows);
}
inline __attribute__((always_inline)) void each_by_panel(Products& task, int rows) noexcept {
    asm("" : "+r"(rows));
    int r = 0;
    do row_by_panel(task, r);
    while (++r != rows);
}

}  // namespace headroom::detail
