// One line about all heads of a layer: the first thing to know of it.
#pragma once

#include <string>
#include <vector>

#include "tools/head_summary.hpp"

namespace headroom::tools {

/// Which heads have no numbers, which see no key, which are idle and why. "No head is idle." is
/// only said where heads had a choice.
std::string verdict(const std::vector<HeadSummary>& heads);

/// What counts as idle, with the limits.
std::string idle_definition();

}  // namespace headroom::tools
