// Putting what heads do into words, for the page and for the terminal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/head_summary.hpp"

namespace headroom::tools {

/// "previous token", "itself", "7 tokens back", "idle: spread evenly"...
std::string pattern_name(const HeadSummary& head, const std::vector<std::string>& key_labels = {});

/// The number that the name rests on: "81 % of its attention".
std::string pattern_detail(const HeadSummary& head);

/// Name and number.
std::string label_of(const HeadSummary& head);

/// "90 %"
std::string percent(double share);

/// What is to be told of a head beside its label, in sentences; empty if it has none.
std::string numbers_of(const HeadSummary& head);

}  // namespace headroom::tools
