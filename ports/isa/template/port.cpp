// template: four lanes in plain C++, right on every processor and fast on none. Copy the folder,
// then replace one operation after the other; what each must keep is written beside it.
#include "isa/scalar/fused.hpp"
#include "kernels/lanes.hpp"

namespace headroom::isa {
namespace {

struct Lanes {
    static constexpr int width = 4;  // floats in a register: 1, 2, 4, 8 or 16

    struct reg {
        float lane[width];
    };
    struct mask {
        bool lane[width];
    };

    // One lane after the other.
    template <class To, class Of>
    static HEADROOM_INLINE To each(Of of) noexcept {
        To to;
        for (int i = 0; i < width; ++i) to.lane[i] = of(i);
        return to;
    }

    // Any address: the alignment of a float is all that is promised.
    static HEADROOM_INLINE reg load(const float* p) noexcept {
        return each<reg>([&](int i) { return p[i]; });
    }
    static HEADROOM_INLINE void store(float* p, reg x) noexcept {
        for (int i = 0; i < width; ++i) p[i] = x.lane[i];
    }
    // 0 < n < width. What lies behind the n floats may be somebody else's, or no memory at all.
    static HEADROOM_INLINE reg load_some(const float* p, int n) noexcept {
        return each<reg>([&](int i) { return i < n ? p[i] : 0.0f; });
    }
    static HEADROOM_INLINE void store_some(float* p, reg x, int n) noexcept {
        for (int i = 0; i < n; ++i) p[i] = x.lane[i];
    }
    static HEADROOM_INLINE reg zero() noexcept { return splat(0.0f); }
    static HEADROOM_INLINE reg splat(float x) noexcept {
        return each<reg>([&](int) { return x; });
    }

    // IEEE, to nearest even. Division must not be an estimate, and so is rare: once in a row.
    static HEADROOM_INLINE reg add(reg a, reg b) noexcept {
        return each<reg>([&](int i) { return a.lane[i] + b.lane[i]; });
    }
    static HEADROOM_INLINE reg sub(reg a, reg b) noexcept {
        return each<reg>([&](int i) { return a.lane[i] - b.lane[i]; });
    }
    static HEADROOM_INLINE reg mul(reg a, reg b) noexcept {
        return each<reg>([&](int i) { return a.lane[i] * b.lane[i]; });
    }
    static HEADROOM_INLINE reg div(reg a, reg b) noexcept {
        return each<reg>([&](int i) { return a.lane[i] / b.lane[i]; });
    }
    // a * b + c, rounded once: name the instruction, do not hope that the compiler finds it.
    static HEADROOM_INLINE reg mul_add(reg a, reg b, reg c) noexcept {
        return each<reg>([&](int i) { return detail::fused(a.lane[i], b.lane[i], c.lane[i]); });
    }

    // a > b ? a : b, so b where either is NaN. Most instructions called max do something else.
    static HEADROOM_INLINE reg max(reg a, reg b) noexcept {
        return each<reg>([&](int i) { return a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]; });
    }
    static HEADROOM_INLINE float max_across(reg a) noexcept {
        float most = a.lane[0];
        for (int i = 1; i < width; ++i) most = a.lane[i] > most ? a.lane[i] : most;
        return most;
    }
    // False for NaN.
    static HEADROOM_INLINE mask less(reg a, reg b) noexcept {
        return each<mask>([&](int i) { return a.lane[i] < b.lane[i]; });
    }
    static HEADROOM_INLINE mask unordered(reg a) noexcept {
        return each<mask>([&](int i) { return a.lane[i] != a.lane[i]; });
    }
    static HEADROOM_INLINE mask either(mask m, mask n) noexcept {
        return each<mask>([&](int i) { return m.lane[i] || n.lane[i]; });
    }
    static HEADROOM_INLINE bool any(mask m) noexcept {
        bool found = false;
        for (const bool lane : m.lane) found |= lane;
        return found;
    }
    static HEADROOM_INLINE bool all(mask m) noexcept {
        bool whole = true;
        for (const bool lane : m.lane) whole &= lane;
        return whole;
    }
    static HEADROOM_INLINE reg select(mask m, reg a, reg b) noexcept {
        return each<reg>([&](int i) { return m.lane[i] ? a.lane[i] : b.lane[i]; });
    }
    // x < cut ? +0 : a * b. A NaN in x is not below, so what it has become must come through.
    static HEADROOM_INLINE reg mul_unless_below(reg x, reg cut, reg a, reg b) noexcept {
        return select(less(x, cut), zero(), mul(a, b));
    }
    // The bits of t, as an integer, shifted left by 23; what leaves the top is lost.
    static HEADROOM_INLINE reg exponent(reg t) noexcept {
        return each<reg>([&](int i) {
            return __builtin_bit_cast(float, __builtin_bit_cast(std::uint32_t, t.lane[i]) << 23);
        });
    }
    // to[c * stride + r] = rows[r][c], for r, c < width.
    static HEADROOM_INLINE void transpose(const float* const* rows, float* to,
                                          Index stride) noexcept {
        for (int r = 0; r < width; ++r)
            for (int c = 0; c < width; ++c) to[c * stride + r] = rows[r][c];
    }

    // Tile sizes, for 16 registers. They change speed and code size, never a bit: set them last.
    static constexpr bool widths_compiled_in = false;
    static constexpr int score_vectors = 2;
    template <int V>
    static constexpr int score_keys = 4;
    static constexpr int exp_keys = 1;
    static constexpr int value_vectors = 2;
    template <int V>
    static constexpr int value_rows = 4;
    template <int R>
    static constexpr int row_panels = 1;
    static constexpr int max_rows = 4;
    static constexpr int fetch_ahead = 0;
    static constexpr int project_vectors = 2;
    template <int V>
    static constexpr int project_rows = 4;
};

}  // namespace
}  // namespace headroom::isa

#include "shared/define_kernels.hpp"
