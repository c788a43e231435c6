// arm_neon: sixteen lanes in four 128-bit registers, of 32. AArch64.
#include "shared/neon_lanes.hpp"

namespace headroom::isa {
namespace {

struct Lanes : NeonLanes<xsimd::neon64> {
    // xsimd 8.1 divides floats by an estimate, as on ARMv7.
    static HEADROOM_INLINE reg div(reg a, reg b) noexcept { return reg(vdivq_f32(a, b)); }

    static constexpr bool widths_compiled_in = false;
    static constexpr int score_vectors = 4;
    template <int V>
    static constexpr int score_keys = V == 1 ? 8 : 4;
    static constexpr int exp_keys = 1;
    static constexpr int value_vectors = 4;
    template <int V>
    static constexpr int value_rows = V == 1 ? 8 : 6;
    template <int R>
    static constexpr int row_panels = R == 1 ? 4 : 1;
    static constexpr int max_rows = 6;
    static constexpr int fetch_ahead = 0;
    static constexpr int project_vectors = 4;
    template <int V>
    static constexpr int project_rows = 6;
};

}  // namespace
}  // namespace headroom::isa

#include "shared/define_kernels.hpp"
