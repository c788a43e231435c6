// The weighted sums of one block of values, from +0 to the output.
#pragma once

#include "products.hpp"

namespace headroom::isa {
namespace {

// `groups` times 16 columns of values that are `Stride` floats apart, which is what the loads move
// on by; the number of keys is a multiple of eight. Returns NaN where an output is.
template <int Stride>
HEADROOM_INLINE float32x4_t add_whole(const float* weights, Index keys, const float* values,
                                      Index groups, float inverse, float* out) noexcept {
    constexpr int bytes = Stride * 4;
    static_assert(bytes >= 64 && bytes < 512, "what an instruction can add");
    const std::uint32_t turns = static_cast<std::uint32_t>(keys) / 8;
    const Index back = keys * bytes - detail::kLanes * 4;
    float32x4_t s, t, u, v, x, y, poison = vdupq_n_f32(0.0f);
    const float32x4_t zero = vdupq_n_f32(0.0f);
    const float* from;
    asm volatile(
        ".macro headroom_term number\n\t"
        "vldrw.32 %q[x], [%[values]], #%c[bytes]\n\t"
        "vldrw.32 %q[y], [%[values], #16 - %c[bytes]]\n\t"
        "vfma.f32 %q[s], %q[x], \\number\n\t"
        "vldrw.32 %q[x], [%[values], #32 - %c[bytes]]\n\t"
        "vfma.f32 %q[t], %q[y], \\number\n\t"
        "vldrw.32 %q[y], [%[values], #48 - %c[bytes]]\n\t"
        "vfma.f32 %q[u], %q[x], \\number\n\t"
        "vfma.f32 %q[v], %q[y], \\number\n\t"
        ".endm\n\t"
        ".macro headroom_finish sum at\n\t"
        "vmul.f32 \\sum, \\sum, r4\n\t"
        "vadd.f32 \\sum, \\sum, %q[zero]\n\t"
        "vstrw.32 \\sum, [%[out], #\\at]\n\t"
        "vfma.f32 %q[poison], \\sum, %q[zero]\n\t"
        ".endm\n"
        "1:\n\t"
        "ldr lr, %[turns]\n\t"
        "ldr %[from], %[weights]\n\t"
        "vmov.i32 %q[s], #0\n\t"
        "vmov.i32 %q[t], #0\n\t"
        "vmov.i32 %q[u], #0\n\t"
        "vmov.i32 %q[v], #0\n\t"
        "dls lr, lr\n"
        "2:\n\t"
        "ldm %[from]!, {r4, r5, r6, r8, r9, r10, r11, r12}\n\t"
        "headroom_term r4\n\t"
        "headroom_term r5\n\t"
        "headroom_term r6\n\t"
        "headroom_term r8\n\t"
        "headroom_term r9\n\t"
        "headroom_term r10\n\t"
        "headroom_term r11\n\t"
        "headroom_term r12\n\t"
        "le lr, 2b\n\t"
        "ldr r4, %[inverse]\n\t"
        "ldr r5, %[back]\n\t"
        "headroom_finish %q[s] 0\n\t"
        "headroom_finish %q[t] 16\n\t"
        "headroom_finish %q[u] 32\n\t"
        "headroom_finish %q[v] 48\n\t"
        "sub %[values], r5\n\t"
        "add %[out], #64\n\t"
        "subs %[groups], #1\n\t"
        "bne 1b\n\t"
        ".purgem headroom_term\n\t"
        ".purgem headroom_finish\n"
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
        : [s] "=&w"(s), [t] "=&w"(t), [u] "=&w"(u), [v] "=&w"(v), [x] "=&w"(x), [y] "=&w"(y),
          [poison] "+w"(poison), [from] "=&r"(from), [values] "+r"(values), [out] "+r"(out),
          [groups] "+r"(groups)
        : [weights] "m"(weights), [turns] "m"(turns), [inverse] "m"(inverse), [back] "m"(back),
          [zero] "w"(zero), [bytes] "i"(bytes)
        : "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
    return poison;
}

}  // namespace
}  // namespace headroom::isa
