// arm_neon: sixteen lanes in four 128-bit registers, of 32. AArch64.
#include "products.hpp"
#include "shared/neon_lanes.hpp"

namespace headroom::isa {
namespace {

struct Lanes : NeonLanes<xsimd::neon64> {
    // xsimd 8.1 divides floats by an estimate, as on ARMv7.
    static HEADROOM_INLINE reg div(reg a, reg b) noexcept { return reg(vdivq_f32(a, b)); }

    template <int R, int V>
    static HEADROOM_INLINE void add_products(reg (&sum)[R][V], const float* scalars, Index row,
                                             Index step, const float* vectors, Index vector_step,
                                             Index n) noexcept {
        constexpr int kMost = R * V > 16 ? V / 2 : V;  // 16 sums in flight leave registers to load
#pragma GCC unroll 2
        for (int first = 0; first < V; first += kMost) {
            float sums[R * kMost * 4];
#pragma GCC unroll 16
            for (int i = 0; i < R * kMost; ++i)
                store(sums + i * 4, sum[i / kMost][first + i % kMost]);
            // Which of the two it is, is mostly known where this is inlined.
            const bool known_across = __builtin_constant_p(row) && row == 1;
            const float* from = vectors + first * 4;
            if (step == 1 && !known_across) {
                isa::add_products<true, R, kMost>(sums, scalars, row, from, vector_step, n);
            } else {
                isa::add_products<false, R, kMost>(sums, scalars, step, from, vector_step, n);
            }
#pragma GCC unroll 16
            for (int i = 0; i < R * kMost; ++i)
                sum[i / kMost][first + i % kMost] = load(sums + i * 4);
        }
    }

    // Sixteen sums and what they are made of fit the registers: 8 x 2, and 4 x 4 for few rows.
    static constexpr bool widths_compiled_in = false;
    static constexpr int score_vectors = 2;
    template <int V>
    static constexpr int score_keys = 8;
    static constexpr int exp_keys = 1;
    static constexpr int value_vectors = 4;
    template <int V>
    static constexpr int value_rows = V == 4 ? 4 : 8;
    template <int R>
    static constexpr int row_panels = R == 1 ? 2 : 1;
    static constexpr int max_rows = 6;
    static constexpr int fetch_ahead = 0;
    static constexpr int project_vectors = 4;
    template <int V>
    static constexpr int project_rows = V == 4 ? 4 : 8;
};

}  // namespace
}  // namespace headroom::isa

#include "shared/define_kernels.hpp"
