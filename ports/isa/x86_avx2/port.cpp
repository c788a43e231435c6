// x86_avx2: sixteen lanes in two 256-bit registers. Needs AVX2 and FMA (2013 on).
#include "shared/xsimd_lanes.hpp"

#if !defined(__AVX2__) || !defined(__FMA__)
#error "build this file with the flags of ports/isa/x86_avx2/port.cmake"
#endif

namespace headroom::isa {
namespace {

// Eight -1 and eight 0: a window of eight starting at 8 - n selects the first n lanes.
alignas(64) constexpr std::int32_t kFirst[16] = {-1, -1, -1, -1, -1, -1, -1, -1,
                                                 0,  0,  0,  0,  0,  0,  0,  0};

// Plain xsimd::avx2 does not fuse; fma3<avx2> does.
struct Lanes : XsimdLanes<xsimd::fma3<xsimd::avx2>> {
    static HEADROOM_INLINE __m256i first(int n) noexcept {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(kFirst + 8 - n));
    }
    static HEADROOM_INLINE reg load_some(const float* p, int n) noexcept {
        return reg(_mm256_maskload_ps(p, first(n)));
    }
    static HEADROOM_INLINE void store_some(float* p, reg x, int n) noexcept {
        _mm256_maskstore_ps(p, first(n), x);
    }
    static HEADROOM_INLINE reg mul_add(reg a, reg b, reg c) noexcept {
        return reg(_mm256_fmadd_ps(a, b, c));
    }
    // MAXPS is a > b ? a : b, also for NaN and for zeros of either sign.
    static HEADROOM_INLINE reg max(reg a, reg b) noexcept { return reg(_mm256_max_ps(a, b)); }
    static HEADROOM_INLINE mask unordered(reg a) noexcept {
        return mask(_mm256_cmp_ps(a, a, _CMP_UNORD_Q));
    }
    static HEADROOM_INLINE float max_across(reg a) noexcept {
        __m128 x = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
        x = _mm_max_ps(x, _mm_movehl_ps(x, x));
        return _mm_cvtss_f32(_mm_max_ss(x, _mm_shuffle_ps(x, x, 1)));
    }
    static HEADROOM_INLINE reg mul_unless_below(reg x, reg cut, reg a, reg b) noexcept {
        return reg(_mm256_and_ps(_mm256_cmp_ps(x, cut, _CMP_NLT_UQ), _mm256_mul_ps(a, b)));
    }
    static HEADROOM_INLINE reg exponent(reg t) noexcept {
        return reg(_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(t), 23)));
    }

    // Pairs of rows, then quadruples, then the halves of eight.
    static HEADROOM_INLINE void transpose(const float* const* rows, float* to,
                                          Index stride) noexcept {
        __m256 pair[8], quad[8];
#pragma GCC unroll 4
        for (int i = 0; i < 8; i += 2) {
            const __m256 a = _mm256_loadu_ps(rows[i]), b = _mm256_loadu_ps(rows[i + 1]);
            pair[i] = _mm256_unpacklo_ps(a, b);
            pair[i + 1] = _mm256_unpackhi_ps(a, b);
        }
#pragma GCC unroll 2
        for (int i = 0; i < 8; i += 4) {
            quad[i] = _mm256_shuffle_ps(pair[i], pair[i + 2], 0x44);
            quad[i + 1] = _mm256_shuffle_ps(pair[i], pair[i + 2], 0xee);
            quad[i + 2] = _mm256_shuffle_ps(pair[i + 1], pair[i + 3], 0x44);
            quad[i + 3] = _mm256_shuffle_ps(pair[i + 1], pair[i + 3], 0xee);
        }
#pragma GCC unroll 4
        for (int c = 0; c < 4; ++c) {
            _mm256_storeu_ps(to + c * stride, _mm256_permute2f128_ps(quad[c], quad[4 + c], 0x20));
            _mm256_storeu_ps(to + (4 + c) * stride,
                             _mm256_permute2f128_ps(quad[c], quad[4 + c], 0x31));
        }
    }

    static constexpr bool widths_compiled_in = true;
    static constexpr int score_vectors = 3;  // 4 x 3: 12 of the 16 registers accumulate
    template <int V>
    static constexpr int score_keys = V == 1 ? 8 : 4;
    static constexpr int exp_keys = 1;
    static constexpr int value_vectors = 2;
    template <int V>
    static constexpr int value_rows = V == 1 ? 8 : 6;
    template <int R>
    static constexpr int row_panels = R == 1 ? 4 : 1;
    static constexpr int max_rows = 6;
    static constexpr int fetch_ahead = 1024;  // 4 KB
    static constexpr int project_vectors = 2;
    template <int V>
    static constexpr int project_rows = 6;
};

}  // namespace
}  // namespace headroom::isa

#include "shared/define_kernels.hpp"
