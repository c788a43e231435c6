// arm_neon32: sixteen lanes in four 128-bit registers, of 16. ARMv7-A with NEON and VFPv4.
//
// NEON flushes subnormal numbers to zero here, inputs and results alike: the bits are those of the
// other ports where none occur.
#include "shared/neon_lanes.hpp"

#if !defined(__ARM_NEON) || !defined(__ARM_FEATURE_FMA)
#error "build this file with the flags of ports/isa/arm_neon32/port.cmake"
#endif

namespace headroom::isa {
namespace {

struct Lanes : NeonLanes<xsimd::neon> {
    // NEON has an estimate only. VFP divides as IEEE says; a row needs one division.
    static HEADROOM_INLINE reg div(reg a, reg b) noexcept {
        float x[4], y[4];
        store(x, a);
        store(y, b);
        for (int i = 0; i < 4; ++i) x[i] = x[i] / y[i];
        return load(x);
    }

    static constexpr bool widths_compiled_in = false;
    static constexpr int score_vectors = 3;
    template <int V>
    static constexpr int score_keys = 4;
    static constexpr int exp_keys = 1;
    static constexpr int value_vectors = 2;
    template <int V>
    static constexpr int value_rows = 5;
    template <int R>
    static constexpr int row_panels = R == 1 ? 2 : 1;
    static constexpr int max_rows = 2;
    static constexpr int fetch_ahead = 0;
    static constexpr int project_vectors = 2;
    template <int V>
    static constexpr int project_rows = 5;
};

}  // namespace
}  // namespace headroom::isa

#include "shared/define_kernels.hpp"
