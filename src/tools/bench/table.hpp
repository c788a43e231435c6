// Results of `headroom bench` as lines of text.
#pragma once

#include <string>

#include "tools/bench/report.hpp"

namespace headroom::tools {

/// Numbers as people read them: "69.8 us", "20.1 ms"; "34.9 KB"; "84 %", or "-" where unknown.
std::string time_text(double us);
std::string bytes_text(double bytes);
std::string share_text(const std::optional<double>& share);

/// The columns' names, and the line of a result below them.
std::string table_head(bool with_energy);
std::string table_line(const BenchResult& result, bool with_energy);

/// Each peer's time over ours, a line for each shape and port; empty without peers.
std::string peers_table(const std::vector<BenchResult>& results);

}  // namespace headroom::tools
