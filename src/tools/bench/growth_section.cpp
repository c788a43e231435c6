// The section of the page on growth: a chart for each size that is varied, and the calls that
// should cost as little as others.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "tools/bench/growth.hpp"
#include "tools/bench/page_parts.hpp"
#include "tools/bench/svg.hpp"
#include "tools/bench/table.hpp"

namespace headroom::tools {
namespace {

// Curves over the same size, both axes logarithmic. Points are measured, lines are fitted.
class Chart {
public:
    explicit Chart(std::vector<const GrowthCurve*> curves) : curves_(std::move(curves)) {
        for (const GrowthCurve* curve : curves_) {
            for (const auto& [size, time] : curve->points) {
                least_x_ = std::min(least_x_, size);
                most_x_ = std::max(most_x_, size);
                least_y_ = std::min(least_y_, time);
                most_y_ = std::max(most_y_, time);
            }
        }
        least_x_ /= 1.3;
        most_x_ *= 1.3;
        least_y_ /= 2.0;
        most_y_ *= 2.0;
    }

    std::string svg(const std::string& axis) const {
        std::string drawn = grid(axis);
        for (std::size_t i = 0; i < curves_.size(); ++i)
            drawn += curve(*curves_[i], "curve" + std::to_string(i));
        return "<svg class=\"growth\" viewBox=\"0 0 " + svg_number(width) + " " +
               svg_number(height) + "\" role=\"img\" aria-label=\"Time over " + escaped(axis) +
               "\">\n" + drawn + "</svg>\n";
    }

private:
    static constexpr double width = 350, height = 250, left = 46, right = 8, top = 12, bottom = 36;

    SvgPoint place(double size, double time) const {
        const auto share = [](double value, double least, double most) {
            return std::log(value / least) / std::log(most / least);
        };
        return {left + (width - left - right) * share(size, least_x_, most_x_),
                height - bottom - (height - top - bottom) * share(time, least_y_, most_y_)};
    }

    std::string grid(const std::string& axis) const {
        std::string svg;
        double last = -100.0;
        for (const auto& [size, time] : curves_.front()->points) {
            const SvgPoint p = place(size, least_y_);
            svg += svg_line(p, place(size, most_y_), "grid");
            if (p.x - last < 32.0) continue;
            last = p.x;
            svg += svg_label({p.x, p.y + 14}, svg_number(size), "tick middle");
        }
        const bool flat = most_y_ < 100.0 * least_y_;  // few powers of ten
        for (const double time :
             ticks(least_y_, most_y_, flat ? std::vector{1.0, 2.0, 5.0} : std::vector{1.0})) {
            const SvgPoint p = place(least_x_, time);
            svg += svg_line(p, place(most_x_, time), "grid");
            const std::string text = time < 1e3   ? svg_number(time) + " us"
                                     : time < 1e6 ? svg_number(1e-3 * time) + " ms"
                                                  : svg_number(1e-6 * time) + " s";
            svg += svg_label({p.x - 5, p.y + 4}, text, "tick end");
        }
        return svg + svg_label({width - right, height - 6}, axis, "axis end");
    }

    std::string curve(const GrowthCurve& curve, const std::string& kind) const {
        std::string svg;
        if (const auto law = fitted(curve)) {
            const double to = curve.points.back().first;
            svg += svg_line(place(law->from, law->at(law->from)), place(to, law->at(to)),
                            "fit " + kind);
        }
        for (const auto& [size, time] : curve.points) {
            svg += "<circle class=\"" + kind + "\" r=\"3\"" +
                   svg_at("cx", "cy", place(size, time)) + "><title>" +
                   escaped(svg_number(size) + ": " + time_text(time)) + "</title></circle>\n";
        }
        return svg;
    }

    std::vector<const GrowthCurve*> curves_;
    double least_x_ = 1e30, most_x_ = 0.0, least_y_ = 1e30, most_y_ = 0.0;
};

// A chart of those of the names that were measured; the legend says what was fitted.
std::string chart(const Growth& growth, const std::vector<std::string>& names,
                  const std::string& axis) {
    std::vector<const GrowthCurve*> curves;
    std::string legend;
    for (const std::string& name : names) {
        const auto found =
            std::find_if(growth.curves.begin(), growth.curves.end(),
                         [&](const GrowthCurve& curve) { return curve.name == name; });
        if (found == growth.curves.end() || found->points.empty()) continue;
        legend += "<span><i class=\"curve" + std::to_string(curves.size()) + "\"></i>" +
                  escaped(growth_words(*found) + ": " + law_text(*found)) + "</span>";
        curves.push_back(&*found);
    }
    if (curves.empty()) return {};
    return "<div class=\"card\">" + Chart(curves).svg(axis) + "<p class=\"legend\">" + legend +
           "</p></div>\n";
}

}  // namespace

std::string growth_headline(const Growth& growth) {
    std::string text;
    for (const GrowthCurve& curve : growth.curves) {
        const auto law = fitted(curve);
        if (!law) continue;
        char power[32];
        std::snprintf(power, sizeof power, "size^%.2f", law->exponent);
        text += (text.empty() ? "The time grows as " : ", ") + std::string(power) + " over " +
                growth_words(curve);
    }
    return text.empty() ? "Too few sizes were measured to tell how the time grows." : text + ".";
}

std::string growth_section(const Growth& growth) {
    std::string rows;
    for (const GrowthCheck& check : growth.checks) {
        rows += "<tr>" + element("th", check.words) + element("td", ratio_text(check.ratio)) +
                element("td", ratio_text(check.expected)) + "</tr>\n";
    }
    const std::string table =
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Calls beside each "
        "other\"><table class=\"growth\"><thead><tr><th></th><th>costs</th><th>at "
        "best</th></tr></thead>\n<tbody>\n" +
        rows + "</tbody></table></div>\n";
    return "<h2>How the cost grows</h2>\n<p class=\"hint\">Medians of one call on plain tensors, 1 "
           "head of 64 where nothing else is said; both axes are logarithmic. Dots are measured; "
           "the lines are powers of the size, fitted to the larger half.</p>\n"
           "<div class=\"cards growth\">\n" +
           chart(growth, {"tokens", "causal", "window"}, "tokens") +
           chart(growth, {"keys"}, "keys") + chart(growth, {"heads"}, "heads") +
           chart(growth, {"width"}, "width") + "</div>\n" + (rows.empty() ? "" : table);
}

}  // namespace headroom::tools
