// What the outputs should be: plain loops in double precision, nothing shared with the library.
#pragma once

#include "bench/peers/peer.hpp"

#include <span>
#include <variant>
#include <vector>

namespace bench {

// The output of a task; its `out` or `y` is not used.
std::vector<double> reference(const std::variant<AttendTask, LayerTask>& task);

// The largest difference, in proportion to the largest expected output. NaN where an output is.
double largest_difference(std::span<const float> got, std::span<const double> expected);

// What any single-precision implementation stays below, at sizes up to thousands of keys.
constexpr double agreement = 1e-4;

}  // namespace bench
