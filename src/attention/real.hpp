// Double-precision functions for what happens once in a table row or a sequence: own, because there
// is no libm, and plain IEEE arithmetic in a fixed order, because the bits must be the same
// everywhere.
#pragma once

namespace headroom::detail {

double natural_log(
    double x) noexcept;  // x > 0, normal; relative error below 4e-16, absolute near 1
double exponential(double x) noexcept;  // |x| <= 700; relative error below 6e-16

struct SinCos {
    double sin, cos;
};
SinCos sin_cos(double x) noexcept;  // |x| <= 2^31; absolute error below 3e-16

}  // namespace headroom::detail
