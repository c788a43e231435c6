#include "tools/bench/features.hpp"

#include <cstdio>

#include "tools/bench/table.hpp"

namespace headroom::tools {
namespace {

std::string line(int width, const std::string& name, const std::string& time,
                 const std::string& ratio, const std::string& share, const std::string& points,
                 const std::string& words) {
    char text[256];
    std::snprintf(text, sizeof text, "%-*s %9s %8s %9s %7s", width, name.c_str(), time.c_str(),
                  ratio.c_str(), share.c_str(), points.c_str());
    return text + (words.empty() ? "" : "   " + words) + "\n";
}

}  // namespace

double FeatureTimes::ratio(const FeatureTime& call) const { return call.us / calls.front().us; }

std::optional<double> FeatureTimes::points(const FeatureTime& call) const {
    const std::optional<double>& plain = calls.front().peak_share;
    if (!plain || !call.peak_share) return std::nullopt;
    return 100.0 * (*call.peak_share - *plain);
}

std::string features_text(const std::vector<FeatureTimes>& shapes) {
    const int width = name_width(shapes, &FeatureTimes::shape);
    std::string text;
    for (const FeatureTimes& shape : shapes) {
        text += (text.empty() ? "" : "\n") +
                line(width, shape.shape, "median", "to plain", "FMA peak", "points", "");
        for (const FeatureTime& call : shape.calls) {
            const bool plain = &call == &shape.calls.front();
            text +=
                line(width, "  " + call.name, time_text(call.us),
                     plain ? "" : ratio_text(shape.ratio(call)), exact_share_text(call.peak_share),
                     plain ? "" : points_text(shape.points(call)), call.words);
        }
    }
    return text;
}

}  // namespace headroom::tools
