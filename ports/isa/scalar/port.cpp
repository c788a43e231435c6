// scalar: one lane at a time, on any processor. The multiply-add is the instruction where the
// compiler's flags say that there is one, else exact in software. Built twice on x86: as `scalar`,
// without the instruction, and as `scalar_fma` with it. The reference that every other port is
// compared with.
#include "fused.hpp"
#include "kernels/lanes.hpp"

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

    static constexpr bool widths_compiled_in = false;
    static constexpr int score_vectors = 4;
    template <int V>
    static constexpr int score_keys = 4;
    static constexpr int exp_keys = 1;
    static constexpr int value_vectors = 4;
    template <int V>
    static constexpr int value_rows = 4;
    template <int R>
    static constexpr int row_panels = 1;
    static constexpr int max_rows = 6;
    static constexpr int fetch_ahead = 0;
    static constexpr int project_vectors = 4;
    template <int V>
    static constexpr int project_rows = 4;
};

}  // namespace
}  // namespace headroom::isa

#include "shared/define_kernels.hpp"
