// What the outputs should be: plain loops in double precision, nothing shared with the library.
#pragma once

#include "bench/peers/peer.hpp"

#include <functional>
#include <span>
#include <variant>
#include <vector>

namespace bench {

// The output of a task; its `out` or `y` is not used.
std::vector<double> reference(const std::variant<AttendTask, LayerTask>& task);

struct KeyRange {
    int first, end;
};

// What features do to the scores of a call.
struct ScoreRules {
    std::function<KeyRange(int query)> visible;
    // What becomes of a score; null: nothing.
    std::function<double(int head, int query, int key, double score)> changed;
    const float* sinks = nullptr;  // [heads]; null: there are none
};

// One row of the output of a call with features. The task's own causality does not count.
std::vector<double> reference_row(const AttendTask& task, int head, int query,
                                  const ScoreRules& rules);

// The largest difference, in proportion to the largest expected output. NaN where an output is.
double largest_difference(std::span<const float> got, std::span<const double> expected);

// What any single-precision implementation stays below, at sizes up to thousands of keys.
constexpr double agreement = 1e-4;

}  // namespace bench
