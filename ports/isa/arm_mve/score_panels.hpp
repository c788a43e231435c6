// Scores of one row against the panels of a cache.
#pragma once

#include "products.hpp"

namespace headroom::isa {
namespace {

// Panels of a whole group, four side by side: a panel's terms are 256 bytes apart, as far as a load
// can move its address on. Eight terms in a turn, `turns` at least 1.
HEADROOM_INLINE void score_group(const float* query, Index turns, const float* panel, Index panels,
                                 float scale, float* scores) noexcept {
    static_assert(detail::kGroupLanes * sizeof(float) == 256);
    const Index back = turns * 8 * 256 - detail::kLanes * 4;
    float32x4_t s, t, u, v, x, y;
    const float* from;
    asm volatile(
        ".macro headroom_term number\n\t"
        "vldrw.32 %q[x], [%[panel]], #256\n\t"
        "vldrw.32 %q[y], [%[panel], #-240]\n\t"
        "vfma.f32 %q[s], %q[x], \\number\n\t"
        "vldrw.32 %q[x], [%[panel], #-224]\n\t"
        "vfma.f32 %q[t], %q[y], \\number\n\t"
        "vldrw.32 %q[y], [%[panel], #-208]\n\t"
        "vfma.f32 %q[u], %q[x], \\number\n\t"
        "vfma.f32 %q[v], %q[y], \\number\n\t"
        ".endm\n"
        "1:\n\t"
        "ldr lr, %[turns]\n\t"
        "ldr %[from], %[query]\n\t"
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
        "ldr r4, %[scale]\n\t"
        "ldr r5, %[back]\n\t"
        "vmul.f32 %q[s], %q[s], r4\n\t"
        "vmul.f32 %q[t], %q[t], r4\n\t"
        "vmul.f32 %q[u], %q[u], r4\n\t"
        "vmul.f32 %q[v], %q[v], r4\n\t"
        "sub %[panel], r5\n\t"
        "vstrw.32 %q[s], [%[scores]], #64\n\t"
        "vstrw.32 %q[t], [%[scores], #-48]\n\t"
        "vstrw.32 %q[u], [%[scores], #-32]\n\t"
        "vstrw.32 %q[v], [%[scores], #-16]\n\t"
        "subs %[panels], #1\n\t"
        "bne 1b\n\t"
        ".purgem headroom_term\n"
        // gcc takes a line for an instruction, and needs to know how long this is.
        "\n\n\n\n\n\n\n\n"
        "\n\n\n\n\n\n\n\n"
        "\n\n\n\n\n\n\n\n"
        "\n\n\n\n\n\n\n\n"
        "\n\n\n\n\n\n\n\n"
        "\n\n\n\n\n\n\n\n"
        "\n\n\n\n\n\n\n\n"
        "\n\n\n\n\n\n\n\n"
        : [s] "=&w"(s), [t] "=&w"(t), [u] "=&w"(u), [v] "=&w"(v), [x] "=&w"(x), [y] "=&w"(y),
          [from] "=&r"(from), [panel] "+r"(panel), [scores] "+r"(scores), [panels] "+r"(panels)
        : [query] "m"(query), [turns] "m"(turns), [scale] "m"(scale), [back] "m"(back)
        : "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}

// One panel, however it lies.
HEADROOM_INLINE void score_panel(const float* query, Index width, const float* panel,
                                 Index dim_step, float scale, float* scores) noexcept {
    float32x4_t sum[4];
#pragma GCC unroll 4
    for (auto& s : sum) s = vdupq_n_f32(0.0f);
#pragma GCC unroll 1
    for (; width > 0; --width) {
#pragma GCC unroll 4
        for (int v = 0; v < 4; ++v) sum[v] = vfmaq_n_f32(sum[v], load_four(panel + v * 4), *query);
        ++query;
        panel += dim_step;
    }
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v)
        *reinterpret_cast<FourFloats*>(scores + v * 4) = vmulq_n_f32(sum[v], scale);
}

HEADROOM_INLINE void score_panels(const float* query, Index width, const float* panel,
                                  Index dim_step, Index panels, float scale,
                                  float* scores) noexcept {
    if (dim_step == detail::kGroupLanes && width % 8 == 0)
        return score_group(query, width / 8, panel, panels, scale, scores);
#pragma GCC unroll 1
    for (; panels > 0; --panels, panel += detail::kLanes, scores += detail::kLanes)
        score_panel(query, width, panel, dim_step, scale, scores);
}

}  // namespace
}  // namespace headroom::isa
