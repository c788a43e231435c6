// Measuring: the benchmark program beside the tool does it, and tells of it line by line.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tools/bench/report.hpp"
#include "tools/bench/shape.hpp"

namespace headroom::tools {

struct BenchTask {
    std::vector<std::string> ports;
    std::vector<BenchShape> shapes;
    std::string peers = "all";              ///< Or "none", or names with commas between.
    std::vector<BenchShape> features = {};  ///< To be timed with each feature.
    bool growth = false;
    double seconds = 1.0;  ///< For each shape and port.
    std::string powercap;  ///< Where the energy counters are, if not where Linux has them.
};

/// What is told while it goes on.
struct BenchObserver {
    std::function<void(const BenchReport&, const std::string& port)> begin_port;
    std::function<void(double share)> progress;  ///< Of all that is to be done.
    std::function<void(const BenchResult&)> result;
    std::function<void(const std::vector<FeatureTimes>&)> features;
    std::function<void(const Growth&)> growth;
    std::function<void(const std::string& text)> note;
};

/// The benchmark program: the one that the environment variable HEADROOM_BENCH names, or the one
/// that lies beside the tool. Throws UserError, with how to get one, if there is none.
std::string bench_program();

/// Throws UserError if the program cannot be started or refuses.
BenchReport run_bench(const std::string& program, const BenchTask& task,
                      const BenchObserver& observer);

}  // namespace headroom::tools
