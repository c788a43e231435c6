// The rounds of a contest, run and averaged by Google Benchmark.
#pragma once

#include "bench/measure.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace bench {

// Medians over all rounds: seconds of a call, operations and bytes per second.
struct Rounds {
    int count = 0;
    double ours = 0.0;
    double spread = 0.0;  // of ours: half of the distance between the quartiles, over the median
    double peak = 0.0;
    double bandwidth = 0.0;
    std::vector<std::pair<std::string, double>> peers;
};

// As many rounds as fit into so many seconds, at least five. The first side is ours. `progress` is
// told the share that is done, a few times a second.
Rounds run_rounds(Contest& contest, const std::string& name, double seconds,
                  const std::function<void(double)>& progress);

}  // namespace bench
