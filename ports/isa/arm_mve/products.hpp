// The inner loop of every kernel: sums of vectors times numbers.
//
//   sum[r][v] += scalars[r * row + i * step] * vectors[i * vector_step + v * 4], i = 0 ... n - 1
//
// A multiply-add takes the number from a general register, so what a loop costs beyond its
// multiply-adds is loads: LDRD fetches two numbers at once, and two terms share the loop's end.
// gcc 12 finds LDRD for integers only, hence the assembler.
#pragma once

#include <arm_mve.h>

#include "kernels/lanes.hpp"

namespace headroom::isa {
namespace {

// Memory that vectors are in. gcc 12 takes vld1q_f32() and vst1q_f32() for accesses to their first
// float, and moves stores of the other three across them.
using FourFloats __attribute__((aligned(4), may_alias)) = float32x4_t;

HEADROOM_INLINE float32x4_t load_four(const float* from) noexcept {
    return *reinterpret_cast<const FourFloats*>(from);
}

struct TwoScalars {
    float first;
    float second;
};

// Reads two numbers and moves on past them.
HEADROOM_INLINE TwoScalars take_two(const float*& from) noexcept {
    TwoScalars two;
    asm("ldrd %0, %1, [%2], #8"
        : "=r"(two.first), "=r"(two.second), "+r"(from)
        : "m"(*reinterpret_cast<const TwoScalars*>(from)));
    return two;
}

template <int At>
HEADROOM_INLINE TwoScalars two_at(const float* from) noexcept {
    TwoScalars two;
    asm("ldrd %0, %1, [%2, %3]"
        : "=r"(two.first), "=r"(two.second)
        : "r"(from), "i"(At * 4), "m"(*reinterpret_cast<const TwoScalars*>(from + At)));
    return two;
}

// Moves a pointer on, unseen: gcc 12 would otherwise keep several pointers of one stream in
// registers instead of one with constant offsets.
HEADROOM_INLINE void advance(const float*& from, Index by) noexcept {
    from += by;
    asm("" : "+r"(from));
}

// One term of every sum.
template <int R, int V>
HEADROOM_INLINE void add_term(float32x4_t (&sum)[R][V], const float (&scalar)[R],
                              const float* vectors) noexcept {
    float32x4_t x[V];
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) x[v] = load_four(vectors + v * 4);
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) sum[r][v] = vfmaq_n_f32(sum[r][v], x[v], scalar[r]);
    }
}

// One row whose numbers are contiguous, eight terms in a turn: no number is used twice, so every
// multiply-add has a load of its own, and all else is kept to two to ten instructions. gcc 12
// spends as many again on copies of registers. Stride: floats between terms, if the loads move on
// by themselves, else 0.
template <int Stride>
HEADROOM_INLINE void add_row(float32x4_t (&sum)[4], const float*& scalars, const float*& vectors,
                             Index vector_step, Index turns) noexcept {
    constexpr int bytes = Stride * 4;
    static_assert(bytes < 512, "what an instruction can add");
    float32x4_t x, y;
    asm volatile(
        ".macro headroom_term number\n\t"
        ".if %c[bytes]\n\t"
        "vldrw.32 %q[x], [%[vectors]], #%c[bytes]\n\t"
        "vldrw.32 %q[y], [%[vectors], #16 - %c[bytes]]\n\t"
        "vfma.f32 %q[sum0], %q[x], \\number\n\t"
        "vldrw.32 %q[x], [%[vectors], #32 - %c[bytes]]\n\t"
        "vfma.f32 %q[sum1], %q[y], \\number\n\t"
        "vldrw.32 %q[y], [%[vectors], #48 - %c[bytes]]\n\t"
        ".else\n\t"
        "vldrw.32 %q[x], [%[vectors]]\n\t"
        "vldrw.32 %q[y], [%[vectors], #16]\n\t"
        "vfma.f32 %q[sum0], %q[x], \\number\n\t"
        "vldrw.32 %q[x], [%[vectors], #32]\n\t"
        "vfma.f32 %q[sum1], %q[y], \\number\n\t"
        "vldrw.32 %q[y], [%[vectors], #48]\n\t"
        "add %[vectors], %[step]\n\t"
        ".endif\n\t"
        "vfma.f32 %q[sum2], %q[x], \\number\n\t"
        "vfma.f32 %q[sum3], %q[y], \\number\n\t"
        ".endm\n\t"
        "dls lr, %[turns]\n"
        "1:\n\t"
        "ldm %[scalars]!, {r4, r5, r6, r8, r9, r10, r11, r12}\n\t"
        "headroom_term r4\n\t"
        "headroom_term r5\n\t"
        "headroom_term r6\n\t"
        "headroom_term r8\n\t"
        "headroom_term r9\n\t"
        "headroom_term r10\n\t"
        "headroom_term r11\n\t"
        "headroom_term r12\n\t"
        "le lr, 1b\n\t"
        ".purgem headroom_term\n"
        // gcc takes a line for an instruction, and needs to know how long this is.
        "\n\n\n\n\n\n\n\n"
        "\n\n\n\n\n\n\n\n"
        "\n\n\n\n\n\n\n\n"
        "\n\n\n\n\n\n\n\n"
        "\n\n\n\n\n\n\n\n"
        "\n\n\n\n\n\n\n\n"
        "\n\n\n\n\n\n\n\n"
        : [sum0] "+w"(sum[0]), [sum1] "+w"(sum[1]), [sum2] "+w"(sum[2]), [sum3] "+w"(sum[3]),
          [scalars] "+r"(scalars), [vectors] "+r"(vectors), [x] "=&w"(x), [y] "=&w"(y)
        : [step] "r"(vector_step * static_cast<Index>(sizeof(float))), [turns] "r"(turns),
          [bytes] "i"(bytes)
        : "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "memory");
}

// As many whole turns as there are in n terms.
HEADROOM_INLINE void add_turns(float32x4_t (&sum)[4], const float*& scalars, const float*& vectors,
                               Index vector_step, Index n) noexcept {
    if (n < 8) return;
    switch (vector_step) {
        case 64:
            return add_row<64>(sum, scalars, vectors, vector_step, n / 8);
        case 32:
            return add_row<32>(sum, scalars, vectors, vector_step, n / 8);
        default:
            return add_row<0>(sum, scalars, vectors, vector_step, n / 8);
    }
}

// Each row's numbers are contiguous: two terms at a time.
template <int R, int V>
HEADROOM_INLINE void add_products_along(float32x4_t (&sum)[R][V], const float* scalars, Index row,
                                        const float* vectors, Index vector_step, Index n) noexcept {
    const float* from[R];
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) from[r] = scalars + r * row;
    float first[R], second[R];
    if constexpr (R == 1 && V == 4) {
        add_turns(sum[0], from[0], vectors, vector_step, n);
        n &= 7;
        if (n == 0) return;
    }
#pragma GCC unroll 1
    for (Index pairs = n / 2; pairs > 0; --pairs) {
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) {
            const TwoScalars two = take_two(from[r]);
            first[r] = two.first;
            second[r] = two.second;
        }
        add_term(sum, first, vectors);
        advance(vectors, vector_step);
        add_term(sum, second, vectors);
        advance(vectors, vector_step);
    }
    if (n % 2 == 0) return;
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) first[r] = *from[r];
    add_term(sum, first, vectors);
}

// The numbers of one term are contiguous.
template <int R, int V>
HEADROOM_INLINE void add_products_across(float32x4_t (&sum)[R][V], const float* scalars, Index step,
                                         const float* vectors, Index vector_step,
                                         Index n) noexcept {
    const auto add_one = [&]() __attribute__((always_inline)) {
        float scalar[R];
        const auto two = [&]<int R0>() __attribute__((always_inline)) {
            if constexpr (R0 + 1 < R) {
                const TwoScalars both = two_at<R0>(scalars);
                scalar[R0] = both.first;
                scalar[R0 + 1] = both.second;
            }
        };
        two.template operator()<0>();
        two.template operator()<2>();
        two.template operator()<4>();
        if constexpr (R % 2 == 1) scalar[R - 1] = scalars[R - 1];
        add_term(sum, scalar, vectors);
        advance(scalars, step);
        advance(vectors, vector_step);
    };
#pragma GCC unroll 1
    for (Index pairs = n / 2; pairs > 0; --pairs) {
        add_one();
        add_one();
    }
    if (n % 2 != 0) add_one();
}

}  // namespace
}  // namespace headroom::isa
