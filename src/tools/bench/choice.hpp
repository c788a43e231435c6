// What the options of `headroom bench` choose: ports and shapes. All throw UserError.
#pragma once

#include <string>
#include <vector>

#include "tools/bench/shape.hpp"

namespace headroom::tools {

/// As given. The shape options are in `own`; its kv_heads and keys are 0 if they were not given.
struct BenchOptions {
    std::vector<std::string> ports, shapes, peers, compare;
    std::string json, html, powercap;
    double seconds = 1.0;
    BenchShape own;
    int width = 0;
    bool has_own = false, features = false, growth = false;
};

/// Each once, in the order given; "all" is every port that runs here but scalar code, which is
/// another benchmark's time. None given: the one that HEADROOM_PORT names, or the best.
std::vector<std::string> chosen_ports(const std::vector<std::string>& names);

/// The libraries to compare with, each once, with commas between: "all" if none is given. "all" and
/// "none" stand alone.
std::string chosen_peers(const std::vector<std::string>& names);

/// What is to be timed: the shapes named, then the shape of one's own; all that have names if
/// neither is given.
std::vector<BenchShape> chosen_shapes(const BenchOptions& options);

/// What is to be timed with each feature: those of the shapes that are no layers; with
/// `--shape none` the shape of one's own, or all that have names. Empty without `--features`.
std::vector<BenchShape> shapes_for_features(const BenchOptions& options,
                                            const std::vector<BenchShape>& shapes);

}  // namespace headroom::tools
