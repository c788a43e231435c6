// scalar: one lane at a time, on any processor. The multiply-add is the instruction where the
// compiler's flags say that there is one, else exact in software. Built twice on x86: as `scalar`,
// without the instruction, and as `scalar_fma` with it. The reference that every other port is
// compared with.
#include "kernels/lanes.hpp"
#include "products.hpp"

namespace headroom::isa {
namespace {

struct Lanes {
    using reg = float;
    using mask = bool;
    static constexpr int width = 1;

    static HEADROOM_INLINE reg load(const float* p) noexcept { return *p; }
    static HEADROOM_INLINE void store(float* p, reg x) noexcept { *p = x; }
    static HEADROOM_INLINE reg load_some(const float*, int) noexcept { return 0.0f; }  // n < 1
    static HEADROOM_INLINE void store_some(float*, reg, int) noexcept {}
    static HEADROOM_INLINE reg zero() noexcept { return 0.0f; }
    static HEADROOM_INLINE reg splat(float x) noexcept { return x; }
    static HEADROOM_INLINE reg add(reg a, reg b) noexcept { return a + b; }
    static HEADROOM_INLINE reg sub(reg a, reg b) noexcept { return a - b; }
    static HEADROOM_INLINE reg mul(reg a, reg b) noexcept { return a * b; }
    static HEADROOM_INLINE reg div(reg a, reg b) noexcept { return a / b; }
    static HEADROOM_INLINE reg mul_add(reg a, reg b, reg c) noexcept {
        return detail::fused(a, b, c);
    }
    static HEADROOM_INLINE reg max(reg a, reg b) noexcept { return a > b ? a : b; }
    static HEADROOM_INLINE float max_across(reg a) noexcept { return a; }
    static HEADROOM_INLINE mask less(reg a, reg b) noexcept { return a < b; }
    static HEADROOM_INLINE mask unordered(reg a) noexcept { return a != a; }
    static HEADROOM_INLINE mask either(mask m, mask n) noexcept { return m || n; }
    static HEADROOM_INLINE bool any(mask m) noexcept { return m; }
    static HEADROOM_INLINE bool all(mask m) noexcept { return m; }
    static HEADROOM_INLINE reg select(mask m, reg a, reg b) noexcept { return m ? a : b; }
    static HEADROOM_INLINE reg mul_unless_below(reg x, reg cut, reg a, reg b) noexcept {
        return x < cut ? 0.0f : a * b;
    }
    static HEADROOM_INLINE reg exponent(reg t) noexcept {
        return __builtin_bit_cast(float, __builtin_bit_cast(std::uint32_t, t) << 23);
    }
    static HEADROOM_INLINE void transpose(const float* const* rows, float* to, Index) noexcept {
        *to = *rows[0];
    }

    static HEADROOM_INLINE void rows_by_rows(detail::Products& task) noexcept {
        detail::rows_by_rows(task);
    }
    static HEADROOM_INLINE void each_by_rows(detail::Products& task, int rows) noexcept {
        detail::each_by_rows(task, rows);
    }
    static HEADROOM_INLINE void rows_by_panel(detail::Products& task) noexcept {
        detail::rows_by_panel(task);
    }
    static HEADROOM_INLINE void each_by_panel(detail::Products& task, int rows) noexcept {
        detail::each_by_panel(task, rows);
    }
#if HEADROOM_WEIGHS_PAIRS
    static HEADROOM_INLINE float largest_score(const float* s, const float* end, float m,
                                               float& least) noexcept {
        return detail::largest_score(s, end, m, least);
    }
    static HEADROOM_INLINE void weigh_pairs(float* s, const float* end, float most,
                                            float least) noexcept {
        detail::weigh_pairs(s, end, most, least);
    }
    static HEADROOM_INLINE void sum_panels(const float* weights, const float* end,
                                           float* sums) noexcept {
        detail::sum_panels(weights, end, sums);
    }
    static HEADROOM_INLINE float fold_lanes(const float* lanes) noexcept {
        return detail::fold_lanes(lanes);
    }
#endif

    static constexpr bool widths_compiled_in = false;
    static constexpr int score_vectors = 1;  // observers only
    template <int V>
    static constexpr int score_keys = 4;
    static constexpr int exp_keys = 1;
};

}  // namespace
}  // namespace headroom::isa

#include "shared/define_kernels.hpp"
