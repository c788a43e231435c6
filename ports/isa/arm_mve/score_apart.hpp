// Scores of one row against plain keys: each load gathers one element of four keys, since the sums
// of neighbouring lanes must be those of neighbouring keys.
#pragma once

#include "products.hpp"

namespace headroom::isa {
namespace {

// Addresses of four neighbouring keys.
HEADROOM_INLINE uint32x4_t four_keys(const float* key, Index stride) noexcept {
    const auto bytes = static_cast<std::uint32_t>(stride) * 4;
    return vaddq_n_u32(vmulq_n_u32(vidupq_n_u32(0, 1), bytes),
                       static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(key)));
}

// Eight keys in a pass, eight terms in a turn. The addresses move on with a turn's first loads, so
// they start a turn before the keys and end a pass as far behind as `turns` say.
HEADROOM_INLINE void score_eights(const float* query, Index width, const float* key, Index stride,
                                  Index passes, float scale, float* scores) noexcept {
    constexpr int turn_bytes = 32;
    const std::uint32_t turns = static_cast<std::uint32_t>(width) / 8;
    uint32x4_t a = vsubq_n_u32(four_keys(key, stride), turn_bytes),
               b = vaddq_n_u32(a, static_cast<std::uint32_t>(stride * 16));
    const uint32x4_t step = vdupq_n_u32(static_cast<std::uint32_t>(stride * 32 - width * 4));
    float32x4_t s, t, x, y;
    const float* from;
    asm volatile(
        ".macro headroom_term number at\n\t"
        "vldrw.u32 %q[x], [%q[a], #\\at\n\t"
        "vldrw.u32 %q[y], [%q[b], #\\at\n\t"
        "vfma.f32 %q[s], %q[x], \\number\n\t"
        "vfma.f32 %q[t], %q[y], \\number\n\t"
        ".endm\n"
        "1:\n\t"
        "ldr lr, %[turns]\n\t"
        "ldr %[from], %[query]\n\t"
        "vmov.i32 %q[s], #0\n\t"
        "vmov.i32 %q[t], #0\n\t"
        "dls lr, lr\n"
        "2:\n\t"
        "ldm %[from]!, {r4, r5, r6, r8, r9, r10, r11, r12}\n\t"
        "headroom_term r4, 32]!\n\t"
        "headroom_term r5, 4]\n\t"
        "headroom_term r6, 8]\n\t"
        "headroom_term r8, 12]\n\t"
        "headroom_term r9, 16]\n\t"
        "headroom_term r10, 20]\n\t"
        "headroom_term r11, 24]\n\t"
        "headroom_term r12, 28]\n\t"
        "le lr, 2b\n\t"
        "vmul.f32 %q[s], %q[s], %[scale]\n\t"
        "vmul.f32 %q[t], %q[t], %[scale]\n\t"
        "vadd.i32 %q[a], %q[a], %q[step]\n\t"
        "vadd.i32 %q[b], %q[b], %q[step]\n\t"
        "vstrw.32 %q[s], [%[scores]], #32\n\t"
        "vstrw.32 %q[t], [%[scores], #-16]\n\t"
        "subs %[passes], #1\n\t"
        "bne 1b\n\t"
        ".purgem headroom_term\n"
        // gcc takes a line for an instruction, and needs to know how long this is.
        "\n\n\n\n\n\n\n\n"
        "\n\n\n\n\n\n\n\n"
        "\n\n\n\n\n\n\n\n"
        "\n\n\n\n\n\n\n\n"
        : [a] "+w"(a), [b] "+w"(b), [s] "=&w"(s), [t] "=&w"(t), [x] "=&w"(x), [y] "=&w"(y),
          [from] "=&r"(from), [scores] "+r"(scores), [passes] "+r"(passes)
        : [query] "m"(query), [turns] "m"(turns), [scale] "r"(scale), [step] "w"(step)
        : "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}

// The same for any width and any number of keys, the last four of them predicated.
[[gnu::noinline]] void score_fours(const float* query, Index width, const float* key, Index stride,
                                   Index keys, float scale, float* scores) noexcept {
#pragma GCC unroll 1
    for (; keys > 0; keys -= 4, key += 4 * stride, scores += 4) {
        const mve_pred16_t there = vctp32q(static_cast<std::uint32_t>(keys));
        uint32x4_t from = four_keys(key, stride);
        float32x4_t sum = vdupq_n_f32(0.0f);
#pragma GCC unroll 1
        for (Index d = 0; d < width; ++d) {
            sum = vfmaq_n_f32(sum, vldrwq_gather_base_z_f32(from, 0, there), query[d]);
            from = vaddq_n_u32(from, 4);
        }
        *reinterpret_cast<FourFloats*>(scores) = vmulq_n_f32(sum, scale);
    }
}

HEADROOM_INLINE void score_apart(const float* query, Index width, const float* key, Index stride,
                                 Index keys, float scale, float* scores) noexcept {
    const Index whole = width % 8 == 0 ? keys & ~Index{7} : 0;
    if (whole > 0) {
        score_eights(query, width, key, stride, whole / 8, scale, scores);
        if (whole == keys) return;
    }
    score_fours(query, width, key + whole * stride, stride, keys - whole, scale, scores + whole);
}

}  // namespace
}  // namespace headroom::isa
