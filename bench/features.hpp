// What the features of attend() cost, each beside the plain call of the same shape.
#pragma once

#include "bench/case.hpp"

#include <nlohmann/json.hpp>

#include <functional>

namespace bench {

// {"shapes": [{"shape", "peak": operations per second, "calls": [{"name", "words", "us", "flops"},
//                                                               ...]}, ...]}
// The first call of a shape is the plain one; flops is null where nothing is multiplied. All calls
// of a shape run in turn, for `seconds` together. Throws UserError if an output is wrong.
// `progress` is told the share that is done.
nlohmann::ordered_json measure_features(const headroom::Port& port, std::span<const Shape> shapes,
                                        double seconds,
                                        const std::function<void(double)>& progress);

}  // namespace bench
