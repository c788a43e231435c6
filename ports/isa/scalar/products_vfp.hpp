// Blocks of products for ARM's scalar floating point: 32 registers of one float, s0 ... s31, whose
// pairs are d0 ... d15.
//
//   s0  ... s15    operands, loaded as pairs: two floats with one instruction
//   s16 ... s31    sums
//
// Written down in assembler because compilers load each float by itself, recompute addresses, and
// have no name for the halves of a pair. No address needs more than the alignment of a float.
#pragma once

#include <cstddef>

#include "kernels/products.hpp"

namespace headroom::detail {

// Where the assembler finds what it needs of `Products`.
static_assert(offsetof(Products, b) == 16 && offsetof(Products, b_step) == 20 &&
              offsetof(Products, n) == 24 && offsetof(Products, blocks) == 28 &&
              offsetof(Products, out) == 32 && offsetof(Products, factor) == 48 &&
              offsetof(Products, zero) == 64 && offsetof(Products, poison) == 68 &&
              offsetof(Products, from_zero) == 72);

// r1 ... r4: the rows of a; r5, r6, r8, r9: those of b; r10: blocks to do.
inline __attribute__((always_inline)) void rows_by_rows(Products& task) noexcept {
    asm volatile(R"(
    ldm %[task], {r1, r2, r3, r4}
    ldrd r5, lr, [%[task], #16]
    add r6, r5, lr, lsl #2; add r8, r6, lr, lsl #2; add r9, r8, lr, lsl #2
    ldr r10, [%[task], #28]
1:
    movs ip, #0
    vmov d8, ip, ip; vmov d9, ip, ip; vmov d10, ip, ip; vmov d11, ip, ip
    vmov d12, ip, ip; vmov d13, ip, ip; vmov d14, ip, ip; vmov d15, ip, ip
    ldr ip, [%[task], #24]
2:  vldmia r1!, {d0}; vldmia r2!, {d1}; vldmia r3!, {d2}; vldmia r4!, {d3}
    vldmia r5!, {d4}; vldmia r6!, {d5}; vldmia r8!, {d6}; vldmia r9!, {d7}
    subs ip, ip, #2
    vfma.f32 s16, s0, s8; vfma.f32 s17, s0, s10; vfma.f32 s18, s0, s12; vfma.f32 s19, s0, s14
    vfma.f32 s20, s2, s8; vfma.f32 s21, s2, s10; vfma.f32 s22, s2, s12; vfma.f32 s23, s2, s14
    vfma.f32 s24, s4, s8; vfma.f32 s25, s4, s10; vfma.f32 s26, s4, s12; vfma.f32 s27, s4, s14
    vfma.f32 s28, s6, s8; vfma.f32 s29, s6, s10; vfma.f32 s30, s6, s12; vfma.f32 s31, s6, s14
    vfma.f32 s16, s1, s9; vfma.f32 s17, s1, s11; vfma.f32 s18, s1, s13; vfma.f32 s19, s1, s15
    vfma.f32 s20, s3, s9; vfma.f32 s21, s3, s11; vfma.f32 s22, s3, s13; vfma.f32 s23, s3, s15
    vfma.f32 s24, s5, s9; vfma.f32 s25, s5, s11; vfma.f32 s26, s5, s13; vfma.f32 s27, s5, s15
    vfma.f32 s28, s7, s9; vfma.f32 s29, s7, s11; vfma.f32 s30, s7, s13; vfma.f32 s31, s7, s15
    bne 2b
    vldr s0, [%[task], #48]
    ldrd ip, lr, [%[task], #20]
    sub r1, r1, lr, lsl #2; sub r2, r2, lr, lsl #2
    sub r3, r3, lr, lsl #2; sub r4, r4, lr, lsl #2
    rsb ip, lr, ip, lsl #2
    add r5, r5, ip, lsl #2; add r6, r6, ip, lsl #2
    add r8, r8, ip, lsl #2; add r9, r9, ip, lsl #2
    vmul.f32 s16, s0; vmul.f32 s17, s0; vmul.f32 s18, s0; vmul.f32 s19, s0
    vmul.f32 s20, s0; vmul.f32 s21, s0; vmul.f32 s22, s0; vmul.f32 s23, s0
    vmul.f32 s24, s0; vmul.f32 s25, s0; vmul.f32 s26, s0; vmul.f32 s27, s0
    vmul.f32 s28, s0; vmul.f32 s29, s0; vmul.f32 s30, s0; vmul.f32 s31, s0
    ldr ip, [%[task], #32]; vstmia ip!, {d8-d9}; str ip, [%[task], #32]
    ldr ip, [%[task], #36]; vstmia ip!, {d10-d11}; str ip, [%[task], #36]
    ldr ip, [%[task], #40]; vstmia ip!, {d12-d13}; str ip, [%[task], #40]
    ldr ip, [%[task], #44]; vstmia ip!, {d14-d15}; str ip, [%[task], #44]
    subs r10, r10, #1
    bne 1b
)"
                 :
                 : [task] "r"(&task)
                 : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r12", "r14", "s0", "s1",
                   "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "s12", "s13",
                   "s14", "s15", "s16", "s17", "s18", "s19", "s20", "s21", "s22", "s23", "s24",
                   "s25", "s26", "s27", "s28", "s29", "s30", "s31", "cc", "memory");
}

// r1 ... r4: the rows of a; r5: b, r6: bytes between its rows; r10: blocks to do.
inline __attribute__((always_inline)) void rows_by_panel(Products& task) noexcept {
    asm volatile(R"(
    ldm %[task], {r1, r2, r3, r4}
    ldr r6, [%[task], #20]; lsl r6, r6, #2
    ldr r10, [%[task], #28]
1:  ldr ip, [%[task], #72]
    cmp ip, #0
    bne 2f
    ldr ip, [%[task], #32]; vldmia ip, {d8-d9}; ldr ip, [%[task], #36]; vldmia ip, {d10-d11}
    ldr ip, [%[task], #40]; vldmia ip, {d12-d13}; ldr ip, [%[task], #44]; vldmia ip, {d14-d15}
    b 3f
2:
    movs ip, #0
    vmov d8, ip, ip; vmov d9, ip, ip; vmov d10, ip, ip; vmov d11, ip, ip
    vmov d12, ip, ip; vmov d13, ip, ip; vmov d14, ip, ip; vmov d15, ip, ip
3:  ldr r5, [%[task], #16]; add ip, r5, #16; str ip, [%[task], #16]
    ldr ip, [%[task], #24]
    cmp ip, #0
    beq 5f
4:  vldmia r1!, {d0}; vldmia r2!, {d1}; vldmia r3!, {d2}; vldmia r4!, {d3}
    vldmia r5, {d4-d5}; add r5, r5, r6
    subs ip, ip, #2
    vfma.f32 s16, s0, s8; vfma.f32 s17, s0, s9; vfma.f32 s18, s0, s10; vfma.f32 s19, s0, s11
    vfma.f32 s20, s2, s8; vfma.f32 s21, s2, s9; vfma.f32 s22, s2, s10; vfma.f32 s23, s2, s11
    vfma.f32 s24, s4, s8; vfma.f32 s25, s4, s9; vfma.f32 s26, s4, s10; vfma.f32 s27, s4, s11
    vfma.f32 s28, s6, s8; vfma.f32 s29, s6, s9; vfma.f32 s30, s6, s10; vfma.f32 s31, s6, s11
    vldmia r5, {d6-d7}; add r5, r5, r6
    vfma.f32 s16, s1, s12; vfma.f32 s17, s1, s13; vfma.f32 s18, s1, s14; vfma.f32 s19, s1, s15
    vfma.f32 s20, s3, s12; vfma.f32 s21, s3, s13; vfma.f32 s22, s3, s14; vfma.f32 s23, s3, s15
    vfma.f32 s24, s5, s12; vfma.f32 s25, s5, s13; vfma.f32 s26, s5, s14; vfma.f32 s27, s5, s15
    vfma.f32 s28, s7, s12; vfma.f32 s29, s7, s13; vfma.f32 s30, s7, s14; vfma.f32 s31, s7, s15
    bne 4b
    ldr ip, [%[task], #24]
    sub r1, r1, ip, lsl #2; sub r2, r2, ip, lsl #2
    sub r3, r3, ip, lsl #2; sub r4, r4, ip, lsl #2
5:  add ip, %[task], #48
    vldmia ip, {d0-d2}
    vmul.f32 s16, s0; vmul.f32 s17, s0; vmul.f32 s18, s0; vmul.f32 s19, s0
    vadd.f32 s16, s4; vadd.f32 s17, s4; vadd.f32 s18, s4; vadd.f32 s19, s4
    vfma.f32 s5, s16, s17; vfma.f32 s5, s18, s19
    ldr ip, [%[task], #32]; vstmia ip!, {d8-d9}; str ip, [%[task], #32]
    vmul.f32 s20, s1; vmul.f32 s21, s1; vmul.f32 s22, s1; vmul.f32 s23, s1
    vadd.f32 s20, s4; vadd.f32 s21, s4; vadd.f32 s22, s4; vadd.f32 s23, s4
    vfma.f32 s5, s20, s21; vfma.f32 s5, s22, s23
    ldr ip, [%[task], #36]; vstmia ip!, {d10-d11}; str ip, [%[task], #36]
    vmul.f32 s24, s2; vmul.f32 s25, s2; vmul.f32 s26, s2; vmul.f32 s27, s2
    vadd.f32 s24, s4; vadd.f32 s25, s4; vadd.f32 s26, s4; vadd.f32 s27, s4
    vfma.f32 s5, s24, s25; vfma.f32 s5, s26, s27
    ldr ip, [%[task], #40]; vstmia ip!, {d12-d13}; str ip, [%[task], #40]
    vmul.f32 s28, s3; vmul.f32 s29, s3; vmul.f32 s30, s3; vmul.f32 s31, s3
    vadd.f32 s28, s4; vadd.f32 s29, s4; vadd.f32 s30, s4; vadd.f32 s31, s4
    vfma.f32 s5, s28, s29; vfma.f32 s5, s30, s31
    ldr ip, [%[task], #44]; vstmia ip!, {d14-d15}; str ip, [%[task], #44]
    vstr s5, [%[task], #68]
    subs r10, r10, #1
    bne 1b
)"
                 :
                 : [task] "r"(&task)
                 : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r12", "r14", "s0", "s1",
                   "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "s12", "s13",
                   "s14", "s15", "s16", "s17", "s18", "s19", "s20", "s21", "s22", "s23", "s24",
                   "s25", "s26", "s27", "s28", "s29", "s30", "s31", "cc", "memory");
}

}  // namespace headroom::detail
