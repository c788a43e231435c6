// Results of `headroom bench` as lines of text.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "tools/bench/report.hpp"

namespace headroom::tools {

/// Numbers as people read them: "69.8 us", "20.1 ms"; "34.9 KB"; "84 %", or "-" where unknown.
std::string time_text(double us);
std::string bytes_text(double bytes);
std::string share_text(const std::optional<double>& share);

/// "83.7 %"; "-2.1", a difference in percent points; "-" where unknown.
std::string exact_share_text(const std::optional<double>& share);
std::string points_text(const std::optional<double>& points);

/// "1.24x", and "0.035x" where two digits would say nothing.
std::string ratio_text(double ratio);

/// The width of a column of names: of the longest of `things`' names, and of the words of ours that
/// share the column.
template <class Thing>
int name_width(const std::vector<Thing>& things, std::string Thing::*name) {
    std::size_t width = 18;
    for (const Thing& thing : things) width = std::max(width, (thing.*name).size());
    return static_cast<int>(width);
}

/// The columns' names, and the line of a result below them; the first column is so wide.
std::string table_head(int width, bool with_energy, bool with_peers);
std::string table_line(const BenchResult& result, int width, bool with_energy);

/// Each peer's time over ours, a line for each shape and port; empty without peers.
std::string peers_table(const std::vector<BenchResult>& results);

}  // namespace headroom::tools
