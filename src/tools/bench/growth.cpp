#include "tools/bench/growth.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "tools/bench/table.hpp"

namespace headroom::tools {
namespace {

constexpr std::array<std::pair<const char*, const char*>, 6> words = {{
    {"tokens", "tokens that see all"},
    {"causal", "causal tokens"},
    {"window", "tokens with a window of 256"},
    {"keys", "keys of one query"},
    {"heads", "heads of 256 tokens"},
    {"width", "width of 4 heads, 256 tokens"},
}};

template <class... Values>
std::string format(const char* how, Values... values) {
    char text[256];
    std::snprintf(text, sizeof text, how, values...);
    return text;
}

}  // namespace

double PowerLaw::at(double size) const { return factor * std::pow(size, exponent); }

// A straight line through the logarithms, by least squares.
std::optional<PowerLaw> fitted(const GrowthCurve& curve) {
    const std::size_t all = curve.points.size(),
                      first = std::min(all / 2, all - std::min<std::size_t>(all, 3)),
                      count = all - first;
    const bool one_size =
        std::all_of(curve.points.begin() + static_cast<std::ptrdiff_t>(first), curve.points.end(),
                    [&](const auto& point) { return point.first == curve.points.back().first; });
    if (count < 3 || one_size) return std::nullopt;
    double x = 0.0, y = 0.0, xx = 0.0, xy = 0.0;
    for (std::size_t i = first; i < all; ++i) {
        const double size = std::log(curve.points[i].first),
                     time = std::log(curve.points[i].second);
        x += size;
        y += time;
        xx += size * size;
        xy += size * time;
    }
    const double n = static_cast<double>(count);
    PowerLaw law;
    law.exponent = (n * xy - x * y) / (n * xx - x * x);
    law.factor = std::exp((y - law.exponent * x) / n);
    law.from = curve.points[first].first;
    for (std::size_t i = first; i < all; ++i) {
        const auto& [size, time] = curve.points[i];
        law.worst = std::max(law.worst, std::fabs(time / law.at(size) - 1.0));
    }
    return law;
}

std::string growth_words(const GrowthCurve& curve) {
    for (const auto& [name, text] : words) {
        if (curve.name == name) return text;
    }
    return curve.name;
}

std::string law_text(const GrowthCurve& curve) {
    const std::optional<PowerLaw> law = fitted(curve);
    if (!law) return "too few points";
    return format("size^%.2f from %.0f on, within %.0f %%", law->exponent, law->from,
                  100.0 * law->worst);
}

std::string growth_text(const Growth& growth) {
    std::string text;
    for (const GrowthCurve& curve : growth.curves) {
        if (curve.points.empty()) continue;
        const auto &least = curve.points.front(), &most = curve.points.back();
        text +=
            format("%-30s %5.0f: %8s   %5.0f: %8s   ", growth_words(curve).c_str(), least.first,
                   time_text(least.second).c_str(), most.first, time_text(most.second).c_str()) +
            law_text(curve) + "\n";
    }
    for (const GrowthCheck& check : growth.checks)
        text += ratio_text(check.ratio) + " (" + ratio_text(check.expected) + " at best)  " +
                check.words + "\n";
    return text;
}

}  // namespace headroom::tools
