// arm_mve: sixteen lanes in four Helium registers.
#include <arm_mve.h>

#include "kernels/lanes.hpp"
#include "products.hpp"
#include "score_apart.hpp"
#include "score_panels.hpp"
#include "values.hpp"
#include "weigh.hpp"

#if !defined(__ARM_FEATURE_MVE) || !(__ARM_FEATURE_MVE & 2)
#error "build this file for a core with the floating-point part of Helium"
#endif

namespace headroom::isa {
namespace {

// A number in a general register. Helium's arithmetic takes one as an operand for all lanes, so a
// broadcast costs neither an instruction nor one of the eight vector registers; it becomes a vector
// only where an instruction has no such form.
struct Broadcast {
    float value;
    HEADROOM_INLINE operator float32x4_t() const noexcept { return vdupq_n_f32(value); }
};

struct Lanes {
    using reg = float32x4_t;
    using mask = mve_pred16_t;  // four bits for each lane
    static constexpr int width = 4;

    static HEADROOM_INLINE reg load(const float* p) noexcept { return load_four(p); }
    static HEADROOM_INLINE void store(float* p, reg x) noexcept {
        *reinterpret_cast<FourFloats*>(p) = x;
    }
    static HEADROOM_INLINE mask first(int n) noexcept {
        return vctp32q(static_cast<std::uint32_t>(n));
    }
    static HEADROOM_INLINE reg load_some(const float* p, int n) noexcept {
        reg x;
        asm("vpst\n\t"
            "vldrwt.32 %q[x], [%[p]]"
            : [x] "=w"(x)
            : [p] "r"(p), "Up"(first(n)), "m"(*reinterpret_cast<const FourFloats*>(p)));
        return x;
    }
    static HEADROOM_INLINE void store_some(float* p, reg x, int n) noexcept {
        asm("vpst\n\t"
            "vstrwt.32 %q[x], [%[p]]"
            : "+m"(*reinterpret_cast<FourFloats*>(p))
            : [p] "r"(p), [x] "w"(x), "Up"(first(n)));
    }
    static HEADROOM_INLINE reg zero() noexcept { return vdupq_n_f32(0.0f); }
    static HEADROOM_INLINE Broadcast splat(float x) noexcept { return {x}; }

    static HEADROOM_INLINE reg add(reg a, reg b) noexcept { return vaddq_f32(a, b); }
    static HEADROOM_INLINE reg sub(reg a, reg b) noexcept { return vsubq_f32(a, b); }
    static HEADROOM_INLINE reg sub(reg a, Broadcast b) noexcept { return vsubq_n_f32(a, b.value); }
    static HEADROOM_INLINE reg mul(reg a, reg b) noexcept { return vmulq_f32(a, b); }
    static HEADROOM_INLINE reg mul(reg a, Broadcast b) noexcept { return vmulq_n_f32(a, b.value); }
    // Helium has no division.
    static HEADROOM_INLINE reg div(reg a, reg b) noexcept {
        return reg{a[0] / b[0], a[1] / b[1], a[2] / b[2], a[3] / b[3]};
    }

    static HEADROOM_INLINE reg mul_add(reg a, reg b, reg c) noexcept { return vfmaq_f32(c, a, b); }
    static HEADROOM_INLINE reg mul_add(Broadcast a, reg b, reg c) noexcept {
        return vfmaq_n_f32(c, b, a.value);
    }
    static HEADROOM_INLINE reg mul_add(reg a, Broadcast b, reg c) noexcept {
        return vfmaq_n_f32(c, a, b.value);
    }
    static HEADROOM_INLINE reg mul_add(reg a, reg b, Broadcast c) noexcept {
        return vfmasq_n_f32(a, b, c.value);
    }
    static HEADROOM_INLINE reg mul_add(reg a, Broadcast b, Broadcast c) noexcept {
        return vfmaq_n_f32(c, a, b.value);
    }
    static HEADROOM_INLINE reg mul_add(Broadcast a, reg b, Broadcast c) noexcept {
        return vfmaq_n_f32(c, b, a.value);
    }
    static HEADROOM_INLINE reg mul_add(Broadcast a, Broadcast b, Broadcast c) noexcept {
        return vfmaq_n_f32(c, a, b.value);
    }

    // Differs from a > b ? a : b where b is NaN, or both are zeros. Only maxima of scores are
    // taken: a row that sees a NaN is NaN whatever its maximum, and a score minus a zero does not
    // depend on the zero's sign once it has been through exp.
    static HEADROOM_INLINE reg max(reg a, reg b) noexcept { return vmaxnmq_f32(a, b); }
    static HEADROOM_INLINE float max_across(reg a) noexcept {
        return vmaxnmvq_f32(detail::kLowest, a);
    }
    // Of Helium's comparisons, "less" and "less or equal" hold for NaN; "greater" does not.
    static HEADROOM_INLINE mask less(reg a, reg b) noexcept { return vcmpgtq_f32(b, a); }
    static HEADROOM_INLINE mask less(Broadcast a, reg b) noexcept {
        return vcmpgtq_n_f32(b, a.value);
    }
    static HEADROOM_INLINE mask unordered(reg a) noexcept { return vcmpneq_f32(a, a); }
    static HEADROOM_INLINE mask either(mask m, mask n) noexcept { return static_cast<mask>(m | n); }
    static HEADROOM_INLINE bool any(mask m) noexcept { return m != 0; }
    static HEADROOM_INLINE bool all(mask m) noexcept { return m == 0xffff; }
    static HEADROOM_INLINE reg select(mask m, reg a, reg b) noexcept { return vpselq_f32(a, b, m); }
    // In one piece, since gcc 12 would carry the predicate through a general register. `below` only
    // says that the predicate register is overwritten.
    static HEADROOM_INLINE reg mul_unless_below(reg x, reg cut, reg a, reg b) noexcept {
        reg product;
        mask below;
        asm("vmul.f32 %q[product], %q[a], %q[b]\n\t"
            "vpt.f32 gt, %q[cut], %q[x]\n\t"
            "vmovt.i32 %q[product], #0"
            : [product] "=&w"(product), "=Up"(below)
            : [a] "w"(a), [b] "w"(b), [cut] "w"(cut), [x] "w"(x));
        return product;
    }
    static HEADROOM_INLINE reg exponent(reg t) noexcept {
        return vreinterpretq_f32_s32(vshlq_n_s32(vreinterpretq_s32_f32(t), 23));
    }

    static HEADROOM_INLINE uint32x4_t addresses(const float* const* rows) noexcept {
        const auto address = [rows](int i) { return reinterpret_cast<std::uint32_t>(rows[i]); };
        return uint32x4_t{address(0), address(1), address(2), address(3)};
    }
    template <bool Some, int Column>
    static HEADROOM_INLINE reg gather(uint32x4_t from, mask some) noexcept {
        if constexpr (Some) return vldrwq_gather_base_z_f32(from, Column * 4, some);
        return vldrwq_gather_base_f32(from, Column * 4);
    }
    template <bool Some>
    static HEADROOM_INLINE void gather_columns(uint32x4_t from, mask some, float* to, Index stride,
                                               Index n) noexcept {
        for (; n >= 4; n -= 4) {
            store(to, gather<Some, 0>(from, some));
            store(to += stride, gather<Some, 1>(from, some));
            store(to += stride, gather<Some, 2>(from, some));
            store(to += stride, gather<Some, 3>(from, some));
            to += stride;
            from = vaddq_n_u32(from, 16);
        }
        for (; n > 0; --n) {
            store(to, gather<Some, 0>(from, some));
            to += stride;
            from = vaddq_n_u32(from, 4);
        }
    }

    // Each column is gathered from the four rows' addresses. gcc 12 does not know that gathering
    // reads memory: no function that does writes what it reads.
    static HEADROOM_INLINE void transpose(const float* const* rows, float* to,
                                          Index stride) noexcept {
        const uint32x4_t from = addresses(rows);
        store(to, vldrwq_gather_base_f32(from, 0));
        store(to + stride, vldrwq_gather_base_f32(from, 4));
        store(to + 2 * stride, vldrwq_gather_base_f32(from, 8));
        store(to + 3 * stride, vldrwq_gather_base_f32(from, 12));
    }

    static HEADROOM_INLINE void transpose_rows(const float* const* rows, int count, float* to,
                                               Index stride, Index n) noexcept {
        const uint32x4_t from = addresses(rows);
        if (count >= width) {
            gather_columns<false>(from, first(width), to, stride, n);
        } else {
            gather_columns<true>(from, first(count), to, stride, n);
        }
    }

    template <int R, int V>
    static HEADROOM_INLINE void add_products(reg (&sum)[R][V], const float* scalars, Index row,
                                             Index step, const float* vectors, Index vector_step,
                                             Index n) noexcept {
        if (step == 1) {
            add_products_along(sum, scalars, row, vectors, vector_step, n);
        } else {
            add_products_across(sum, scalars, step, vectors, vector_step, n);
        }
    }

    static HEADROOM_INLINE void score_apart(const float* query, Index key_width, const float* key,
                                            Index stride, Index keys, float scale,
                                            float* scores) noexcept {
        isa::score_apart(query, key_width, key, stride, keys, scale, scores);
    }
    static HEADROOM_INLINE void score_panels(const float* query, Index key_width,
                                             const float* panel, Index dim_step, Index panels,
                                             float scale, float* scores) noexcept {
        isa::score_panels(query, key_width, panel, dim_step, panels, scale, scores);
    }

    static HEADROOM_INLINE void weigh(float* at, Index stride, Index n, reg highest) noexcept {
        isa::weigh(at, stride, n, highest);
    }
    static HEADROOM_INLINE bool can_add_whole(Index keys, Index stride) noexcept {
        return keys % 8 == 0 && (stride == 64 || stride == 32);
    }
    static HEADROOM_INLINE reg add_whole(const float* weights, Index keys, const float* values,
                                         Index stride, Index groups, float inverse,
                                         float* out) noexcept {
        return stride == 64 ? isa::add_whole<64>(weights, keys, values, groups, inverse, out)
                            : isa::add_whole<32>(weights, keys, values, groups, inverse, out);
    }
    static HEADROOM_INLINE float highest(const float* at, Index panels) noexcept {
        return isa::highest_of(at, panels);
    }
    static HEADROOM_INLINE void weigh_panels(float* at, Index panels, float highest,
                                             float* sums) noexcept {
        isa::weigh_panels(at, panels, highest, sums);
    }

    static constexpr bool widths_compiled_in = false;
    static constexpr int score_vectors = 2;  // 3 x 2: six of the eight registers accumulate
    template <int V>
    static constexpr int score_keys = V == 1 ? 6 : 3;
    static constexpr int exp_keys = 1;
    static constexpr int value_vectors = 4;
    template <int V>
    static constexpr int value_rows = V == 1   ? 7
                                      : V == 2 ? 3
                                               : 1;
    template <int R>
    static constexpr int row_panels = 1;
    static constexpr int max_rows = 4;
    static constexpr int fetch_ahead = 0;
    static constexpr int project_vectors = 4;
    template <int V>
    static constexpr int project_rows = V == 1   ? 6
                                        : V == 2 ? 3
                                                 : 1;
};

}  // namespace
}  // namespace headroom::isa

#include "shared/define_kernels.hpp"
