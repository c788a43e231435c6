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

    // Pairs of rows, then quadruples; after that each 128-bit quarter holds four rows of one
    // column, and two rounds of quarter shuffles put the sixteen rows of a column together.
    static HEADROOM_INLINE void transpose(const float* const* rows, float* to,
                                          Index stride) noexcept {
        __m512 pair[16], quad[16];
#pragma GCC unroll 8
        for (int i = 0; i < 16; i += 2) {
            const __m512 a = _mm512_loadu_ps(rows[i]), b = _mm512_loadu_ps(rows[i + 1]);
            pair[i] = _mm512_unpacklo_ps(a, b);
            pair[i + 1] = _mm512_unpackhi_ps(a, b);
        }
#pragma GCC unroll 4
        for (int i = 0; i < 16; i += 4) {
            quad[i] = _mm512_shuffle_ps(pair[i], pair[i + 2], 0x44);
            quad[i + 1] = _mm512_shuffle_ps(pair[i], pair[i + 2], 0xee);
            quad[i + 2] = _mm512_shuffle_ps(pair[i + 1], pair[i + 3], 0x44);
            quad[i + 3] = _mm512_shuffle_ps(pair[i + 1], pair[i + 3], 0xee);
        }
#pragma GCC unroll 4
        for (int c = 0; c < 4; ++c) {
            const __m512 even_low = _mm512_shuffle_f32x4(quad[c], quad[4 + c], 0x88);
            const __m512 even_high = _mm512_shuffle_f32x4(quad[8 + c], quad[12 + c], 0x88);
            const __m512 odd_low = _mm512_shuffle_f32x4(quad[c], quad[4 + c], 0xdd);
            const __m512 odd_high = _mm512_shuffle_f32x4(quad[8 + c], quad[12 + c], 0xdd);
            _mm512_storeu_ps(to + c * stride, _mm512_shuffle_f32x4(even_low, even_high, 0x88));
            _mm512_storeu_ps(to + (4 + c) * stride, _mm512_shuffle_f32x4(odd_low, odd_high, 0x88));
            _mm512_storeu_ps(to + (8 + c) * stride,
                             _mm512_shuffle_f32x4(even_low, even_high, 0xdd));
            _mm512_storeu_ps(to + (12 + c) * stride, _mm512_shuffle_f32x4(odd_low, odd_high, 0xdd));
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
