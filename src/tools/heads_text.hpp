// What `headroom heads` prints: a line and a map for each head.
#pragma once

#include <string>
#include <vector>

#include "tools/head_maps.hpp"
#include "tools/head_summary.hpp"

namespace headroom::tools {

/// A table with what its columns mean, and the maps, side by side where 80 columns have room for
/// it and with the queries' labels. Larger maps are reduced, without labels, and a line says so.
std::string heads_text(const HeadMaps& maps, const std::vector<HeadSummary>& heads, bool ascii);

}  // namespace headroom::tools
