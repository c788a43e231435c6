// The section of the page on features: a chart for each shape, and their shares of the peak.
#include <algorithm>
#include <cstdint>

#include "tools/bench/features.hpp"
#include "tools/bench/page_parts.hpp"
#include "tools/bench/table.hpp"
#include "tools/names.hpp"

namespace headroom::tools {
namespace {

const FeatureTime* find(const FeatureTimes& shape, const std::string& name) {
    const auto found = std::find_if(shape.calls.begin(), shape.calls.end(),
                                    [&](const FeatureTime& call) { return call.name == name; });
    return found == shape.calls.end() ? nullptr : &*found;
}

// Every call that some shape has, once. One that only some have follows what it follows there.
std::vector<const FeatureTime*> rows_of(const std::vector<FeatureTimes>& shapes) {
    std::vector<const FeatureTime*> rows;
    for (const FeatureTimes& shape : shapes) {
        auto place = rows.begin();
        for (const FeatureTime& call : shape.calls) {
            const auto known = std::find_if(rows.begin(), rows.end(), [&](const FeatureTime* row) {
                return row->name == call.name;
            });
            place = std::next(known != rows.end() ? known : rows.insert(place, &call));
        }
    }
    return rows;
}

// Bars end at some times the plain call, so that one dear feature leaves the others to be seen.
std::string card(const FeatureTimes& shape) {
    constexpr double most = 4.0;
    double whole = 0.0;
    for (const FeatureTime& call : shape.calls) whole = std::max(whole, call.us);
    whole = std::min(whole, most * shape.calls.front().us);
    std::vector<Bar> bars;
    for (const FeatureTime& call : shape.calls) {
        const bool plain = &call == &shape.calls.front();
        bars.push_back({call.name, call.us / whole, time_text(call.us),
                        plain ? "1x" : ratio_text(shape.ratio(call)), plain ? "ours" : ""});
    }
    return "<div class=\"card\">" + shape_heading(shape.shape) + bars_of(bars) + "</div>\n";
}

std::string cell(const FeatureTimes& shape, const FeatureTime* call) {
    if (call == nullptr || !call->peak_share) return element("td", "-");
    const bool plain = call == &shape.calls.front();
    return element("td", exact_share_text(call->peak_share) +
                             (plain ? "" : " (" + points_text(shape.points(*call)) + ")"));
}

std::string table(const std::vector<FeatureTimes>& shapes) {
    std::string head = element("th", "") + element("th", ""), rows;
    for (const FeatureTimes& shape : shapes) head += element("th", shape.shape);
    for (const FeatureTime* row : rows_of(shapes)) {
        rows += "<tr>" + element("th", row->name) + element("td", row->words, "class=\"words\"");
        for (const FeatureTimes& shape : shapes) rows += cell(shape, find(shape, row->name));
        rows += "</tr>\n";
    }
    return "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Shares of the peak "
           "with each feature\"><table class=\"features\"><thead><tr>" +
           head + "</tr></thead>\n<tbody>\n" + rows + "</tbody></table></div>\n";
}

}  // namespace

std::string features_headline(const std::vector<FeatureTimes>& shapes) {
    const auto rows = static_cast<std::int64_t>(rows_of(shapes).size());
    const FeatureTimes* at = nullptr;
    const FeatureTime* dearest = nullptr;
    for (const FeatureTimes& shape : shapes) {
        for (const FeatureTime& call : shape.calls) {
            if (&call == &shape.calls.front()) continue;
            if (dearest != nullptr && shape.ratio(call) <= at->ratio(*dearest)) continue;
            at = &shape;
            dearest = &call;
        }
    }
    if (dearest == nullptr) return "No feature was measured.";
    return "Of " + counted(rows - 1, "feature") + ", " + dearest->name +
           " costs most: " + ratio_text(at->ratio(*dearest)) + " the plain call on " + at->shape +
           ".";
}

std::string features_section(const std::vector<FeatureTimes>& shapes) {
    std::string cards;
    for (const FeatureTimes& shape : shapes) cards += card(shape);
    return "<h2>What features cost</h2>\n<p class=\"hint\">Median times of one call with one "
           "feature, in turn with the plain call of the same shape; on the right the time over "
           "that of the plain call. Bars beyond four times the plain call are cut off.</p>\n<div "
           "class=\"cards\">\n" +
           cards +
           "</div>\n<p class=\"hint after\">Below, the share of the core's FMA peak, counting the "
           "keys that are seen, and in brackets how many percent points it is above the plain "
           "call.</p>\n" +
           table(shapes);
}

}  // namespace headroom::tools
