// x86_avx512: sixteen lanes in one 512-bit register. Needs AVX-512 F, DQ, VL and BW.
#include "shared/xsimd_lanes.hpp"

#if !defined(__AVX512F__) || !defined(__AVX512DQ__)
#error "build this file with the flags of ports/isa/x86_avx512/port.cmake"
#endif

namespace headroom::isa {
namespace {

struct Lanes : XsimdLanes<xsimd::avx512dq> {
    static HEADROOM_INLINE __mmask16 first(int n) noexcept {
        return static_cast<__mmask16>((1u << n) - 1);
    }
    static HEADROOM_INLINE reg load_some(const float* p, int n) noexcept {
        return reg(_mm512_maskz_loadu_ps(first(n), p));
    }
    static HEADROOM_INLINE void store_some(float* p, reg x, int n) noexcept {
        _mm512_mask_storeu_ps(p, first(n), x);
    }
    // xsimd 8.1 multiplies and adds in two steps for every AVX-512.
    static HEADROOM_INLINE reg mul_add(reg a, reg b, reg c) noexcept {
        return reg(_mm512_fmadd_ps(a, b, c));
    }
    // MAXPS is a > b ? a : b, also for NaN and for zeros of either sign.
    static HEADROOM_INLINE reg max(reg a, reg b) noexcept { return reg(_mm512_max_ps(a, b)); }
    static HEADROOM_INLINE mask unordered(reg a) noexcept {
        return mask(_mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q));
    }
    static HEADROOM_INLINE float max_across(reg a) noexcept { return _mm512_reduce_max_ps(a); }
    static HEADROOM_INLINE reg mul_unless_below(reg x, reg cut, reg a, reg b) noexcept {
        return reg(_mm512_maskz_mul_ps(_mm512_cmp_ps_mask(x, cut, _CMP_NLT_UQ), a, b));
    }
    static HEADROOM_INLINE reg exponent(reg t) noexcept {
        return reg(_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(t), 23)));
    }

    // Quarter q of a register gets four columns of row 4 q + i from memory, by loads that need no
    // shuffle; then each quarter of four such registers is transposed by itself: two shuffles for
    // each register, where whole rows would take four, and only one pipe shuffles.
    static HEADROOM_INLINE void transpose(const float* const* rows, float* to,
                                          Index stride) noexcept {
#pragma GCC unroll 4
        for (int c = 0; c < 16; c += 4, to += 4 * stride) {
            __m512 x[4];
#pragma GCC unroll 4
            for (int i = 0; i < 4; ++i) {
                x[i] = _mm512_castps128_ps512(_mm_loadu_ps(rows[i] + c));
                x[i] = _mm512_mask_broadcast_f32x4(x[i], 0x00f0, _mm_loadu_ps(rows[4 + i] + c));
                x[i] = _mm512_mask_broadcast_f32x4(x[i], 0x0f00, _mm_loadu_ps(rows[8 + i] + c));
                x[i] = _mm512_mask_broadcast_f32x4(x[i], 0xf000, _mm_loadu_ps(rows[12 + i] + c));
            }
            const __m512 low = _mm512_unpacklo_ps(x[0], x[1]),
                         high = _mm512_unpackhi_ps(x[0], x[1]),
                         low2 = _mm512_unpacklo_ps(x[2], x[3]),
                         high2 = _mm512_unpackhi_ps(x[2], x[3]);
            _mm512_storeu_ps(to, _mm512_shuffle_ps(low, low2, 0x44));
            _mm512_storeu_ps(to + stride, _mm512_shuffle_ps(low, low2, 0xee));
            _mm512_storeu_ps(to + 2 * stride, _mm512_shuffle_ps(high, high2, 0x44));
            _mm512_storeu_ps(to + 3 * stride, _mm512_shuffle_ps(high, high2, 0xee));
        }
    }

    static constexpr bool widths_compiled_in = true;
    static constexpr int score_vectors = 3;  // 8 x 3: 24 of the 32 registers accumulate
    template <int V>
    static constexpr int score_keys = V == 1 ? 16 : 8;
    static constexpr int exp_keys = 2;
    static constexpr int value_vectors = 4;
    template <int V>
    static constexpr int value_rows = V == 1   ? 16
                                      : V == 2 ? 8
                                               : 6;
    template <int R>
    static constexpr int row_panels = 4;
    static constexpr int max_rows = 6;
    static constexpr int fetch_ahead = 1024;  // 4 KB
    static constexpr int project_vectors = 4;
    template <int V>
    static constexpr int project_rows = V == 1   ? 12
                                        : V == 2 ? 8
                                                 : 6;
};

}  // namespace
}  // namespace headroom::isa

#include "shared/define_kernels.hpp"
