// The page of `headroom heads`: one HTML file that needs nothing else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/head_maps.hpp"
#include "tools/head_summary.hpp"

namespace headroom::tools {

/// Made from src/tools/heads when the project is built; {{title}} and {{data}} stand where they go.
extern const std::string_view heads_page_template;

/// A page that shows `maps`. `title` names the layer, `line` tells what was run in a few words.
/// Maps are reduced, and the page says so, where the file would become larger than about 10 MB.
std::string heads_page(const HeadMaps& maps, const std::vector<HeadSummary>& heads,
                       const std::string& title, const std::string& line);

/// How the page reduces maps: as few steps as keep each side at most 512 cells, and all maps
/// together at most 3,000,000 cells of 16 bits.
struct PageSteps {
    std::int64_t row = 1, column = 1;
};
PageSteps page_steps(std::int64_t heads, std::int64_t queries, std::int64_t keys);

}  // namespace headroom::tools
