// a * b + c rounded once: by the instruction, if the compiler's flags say that there is one; else
// by double precision, if that is hardware; else by integers.
#pragma once

#if defined(__FMA__) || defined(__ARM_FEATURE_FMA) || defined(__FP_FAST_FMAF)

namespace headroom::detail {
inline __attribute__((always_inline)) float fused(float a, float b, float c) noexcept {
    return __builtin_fmaf(a, b, c);
}
}  // namespace headroom::detail

// Bit 3 of __ARM_FP: double precision. A core without any floating point does not define it.
#elif defined(__arm__) && (!defined(__ARM_FP) || (__ARM_FP & 8) == 0)

#include "fma_integer.hpp"

namespace headroom::detail {
inline __attribute__((always_inline)) float fused(float a, float b, float c) noexcept {
    return fma_integer(a, b, c);
}
}  // namespace headroom::detail

#else

#include "fma_exact.hpp"

namespace headroom::detail {
inline __attribute__((always_inline)) float fused(float a, float b, float c) noexcept {
    return fma_exact(a, b, c);
}
}  // namespace headroom::detail

#endif
