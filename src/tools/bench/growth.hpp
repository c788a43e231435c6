// How the time of a call grows with its sizes, as `headroom bench --growth` finds it.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace headroom::tools {

/// Times over a size: "tokens", "causal", "window", "keys", "heads" or "width".
struct GrowthCurve {
    std::string name;
    std::vector<std::pair<double, double>> points;  ///< (size, microseconds), sizes ascending.
};

/// time = factor * size^exponent, fitted to the upper half of a curve, at least three points: there
/// what a call costs by itself no longer counts.
struct PowerLaw {
    double factor = 0.0, exponent = 0.0;
    double from = 0.0;   ///< The smallest size that was fitted.
    double worst = 0.0;  ///< The largest distance of a fitted point, as a share.

    double at(double size) const;
};

/// Null for fewer than three points, or points of one size only.
std::optional<PowerLaw> fitted(const GrowthCurve& curve);

/// Two calls beside each other, or two sizes.
struct GrowthCheck {
    std::string name, words;
    double ratio = 0.0, expected = 0.0;
};

struct Growth {
    std::vector<GrowthCurve> curves;
    std::vector<GrowthCheck> checks;
};

/// What a curve is over: "tokens, each sees all".
std::string growth_words(const GrowthCurve& curve);

/// "size^1.98 from 512 on", or why there is none.
std::string law_text(const GrowthCurve& curve);

std::string growth_text(const Growth& growth);

/// The section of a page.
std::string growth_section(const Growth& growth);

}  // namespace headroom::tools
