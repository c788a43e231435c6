// What each feature of attend() costs, as `headroom bench --features` finds it.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace headroom::tools {

struct FeatureTime {
    std::string name, words;
    double us = 0.0;
    std::optional<double> peak_share;  ///< Null: it only copies, or the peak is not known.
};

/// The calls of a shape, timed in turn, the plain one first.
struct FeatureTimes {
    std::string shape;
    std::vector<FeatureTime> calls;

    /// Time over that of the plain call.
    double ratio(const FeatureTime& call) const;

    /// Percent points of the peak above the plain call.
    std::optional<double> points(const FeatureTime& call) const;
};

/// A table for each shape.
std::string features_text(const std::vector<FeatureTimes>& shapes);

/// The section of a page.
std::string features_section(const std::vector<FeatureTimes>& shapes);

}  // namespace headroom::tools
