// IEEE binary16: 1 sign, 5 exponent, 10 mantissa bits.
#pragma once

#include <cstdint>

namespace headroom::tools {

/// The same number: every half is a float.
float float_of_half(std::uint16_t half);

/// The nearest half, of two equally near the even one; what rounds beyond 65504 is infinite, NaN
/// stays NaN.
std::uint16_t half_of_float(float value);

}  // namespace headroom::tools
