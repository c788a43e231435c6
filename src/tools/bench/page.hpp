// Results of `headroom bench` as pages that stand alone: no script, no network, fit to print.
#pragma once

#include <string>
#include <vector>

#include "tools/bench/report.hpp"

namespace headroom::tools {

/// One run: what is near the roof, and how far behind each peer is.
std::string bench_page(const BenchReport& report);

/// Several runs side by side: platforms, or versions.
std::string comparison_page(const std::vector<BenchReport>& reports);

}  // namespace headroom::tools
