#include "tools/bench/report.hpp"

#include <algorithm>

namespace headroom::tools {

const std::pair<std::string, double>* BenchResult::fastest_peer() const {
    const auto fastest =
        std::min_element(peers.begin(), peers.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    return fastest == peers.end() ? nullptr : &*fastest;
}

std::optional<double> BenchResult::ratio() const {
    const auto* const fastest = fastest_peer();
    if (fastest == nullptr) return std::nullopt;
    return fastest->second / median_us;
}

bool BenchResult::bound_by_bandwidth() const {
    return bandwidth_share && (!peak_share || *bandwidth_share > *peak_share);
}

std::optional<double> BenchResult::roof_share() const {
    return bound_by_bandwidth() ? bandwidth_share : peak_share;
}

std::string BenchReport::cpu() const {
    const auto found = machine.find("cpu");
    return found == machine.end() ? "unknown processor" : found->second;
}

}  // namespace headroom::tools
