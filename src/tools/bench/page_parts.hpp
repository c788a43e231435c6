// What both pages are made of.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/bench/report.hpp"

namespace headroom::tools {

extern const std::string_view bench_page_style;

/// Text that may stand in an element or an attribute.
std::string escaped(std::string_view text);

/// <tag>text</tag>, with the text escaped; `attributes` as they are.
std::string element(const std::string& tag, std::string_view text,
                    const std::string& attributes = {});

/// Text of which lines may break behind an underscore, as an element's content.
std::string name_markup(std::string_view name);

/// What a shape is, "3 heads of 64, 98 tokens": of a shape that has a name, or of a name that tells
/// the shape. Empty for any other.
std::string shape_words(const std::string& name);

/// The heading of a card on a shape: its name, what stands beside it as markup, and what it is.
std::string shape_heading(const std::string& name, const std::string& beside = {});

/// A whole page.
std::string page_of(const std::string& title, const std::string& body);

/// A line of a bar chart. `length` is a share of the longest bar; more than 1 is drawn cut off.
struct Bar {
    std::string name;
    double length = 0.0;
    std::string value;     ///< Beside the bar.
    std::string remark;    ///< In a column of its own, the last one.
    std::string kind;      ///< Class of the line: "ours", "near", "middle", "far", or empty.
    std::string detail{};  ///< In small type below the name.
};
std::string bars_of(const std::vector<Bar>& bars);

/// "near", "middle" or "far" from the roof.
std::string nearness(double share);

/// "87 % of the FMA peak", "62 % of L2's bandwidth".
std::string roof_text(const BenchResult& result);

/// The results of a port: its roofs, and a numbered point for each result. Drawn twice, for wide
/// and for narrow screens; the style shows one.
std::string roofline(const BenchReport& report, const std::string& port);

/// What a section finds, in a sentence: for a page without shapes.
std::string features_headline(const std::vector<FeatureTimes>& shapes);
std::string growth_headline(const Growth& growth);

/// Ports in the order of their results.
std::vector<std::string> ports_of(const BenchReport& report);
std::vector<BenchResult> results_of(const BenchReport& report, const std::string& port);

}  // namespace headroom::tools
