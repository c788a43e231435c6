// The roofline of a port, as SVG.
//
//   GFLOP/s |      L1 /  L2 /   ________________ FMA peak
//           |        /     /  /
//           |             /  /     (1)  (2)
//           |    (3)        /
//           +------------------------------------ operations for each byte
//
// Both axes are logarithmic.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "tools/bench/page_parts.hpp"
#include "tools/bench/svg.hpp"
#include "tools/bench/table.hpp"

namespace headroom::tools {
namespace {

using Point = SvgPoint;

class Roofline {
public:
    Roofline(const BenchReport& report, const std::string& port, double width, double height)
        : results_(results_of(report, port)), width_(width), height_(height) {
        const auto peak = report.peak.find(port);
        peak_ = peak == report.peak.end() ? 0.0 : peak->second;
        if (const auto found = report.bandwidth.find(port); found != report.bandwidth.end())
            levels_ = found->second;
        std::erase_if(levels_, [](const auto& level) { return level.second <= 0.0; });
        std::erase_if(results_,
                      [](const BenchResult& r) { return !r.intensity || *r.intensity <= 0.0; });
        set_ranges();
    }

    bool possible() const { return peak_ > 0.0 && !levels_.empty() && !results_.empty(); }

    std::string svg(const std::string& kind) const {
        return "<svg class=\"roofline " + kind + "\" viewBox=\"0 0 " + svg_number(width_) + " " +
               svg_number(height_) +
               "\" role=\"img\" aria-label=\"Roofline: operations for each byte, "
               "and operations a second, of each shape, below the processor's limits\">\n" +
               grid() + roofs() + points() + "</svg>\n";
    }

private:
    static constexpr double left = 44, right = 14, top = 26, bottom = 40;

    void set_ranges() {
        if (!possible()) return;
        double least = 1e30, most = 0.0, lowest = peak_;
        for (const BenchResult& r : results_) {
            least = std::min(least, *r.intensity);
            most = std::max(most, *r.intensity);
            lowest = std::min(lowest, r.gflops);
        }
        // All points, and where each level's roof meets the peak.
        for (const auto& [name, speed] : levels_) {
            least = std::min(least, peak_ / speed);
            most = std::max(most, peak_ / speed);
        }
        least_x_ = least / 3.0;
        most_x_ = most * 2.0;
        least_y_ = lowest / 4.0;
        most_y_ = peak_ * 1.6;
    }

    Point place(double intensity, double gflops) const {
        const auto share = [](double value, double least, double most) {
            return std::log(value / least) / std::log(most / least);
        };
        return {left + (width_ - left - right) * share(intensity, least_x_, most_x_),
                height_ - bottom - (height_ - top - bottom) * share(gflops, least_y_, most_y_)};
    }

    std::string grid() const {
        std::string svg;
        for (const double x : ticks(least_x_, most_x_, {1.0})) {
            svg += svg_line(place(x, least_y_), place(x, most_y_), "grid");
            const Point p = place(x, least_y_);
            svg += svg_label({p.x, p.y + 16}, svg_number(x), "tick middle");
        }
        for (const double y : ticks(least_y_, most_y_, {1.0, 2.0, 5.0})) {
            svg += svg_line(place(least_x_, y), place(most_x_, y), "grid");
            const Point p = place(least_x_, y);
            svg += svg_label({p.x - 6, p.y + 4}, svg_number(y), "tick end");
        }
        svg += svg_label({left, 14}, "GFLOP/s", "axis");
        svg += svg_label({width_ - right, height_ - 6}, "floating-point operations for each byte",
                         "axis end");
        return svg;
    }

    // Each level's roof rises until it meets the peak; labels stand on it, near its upper end.
    std::string roofs() const {
        std::string svg;
        double flat = most_x_;
        for (std::size_t i = 0; i < levels_.size(); ++i) {
            const double speed = levels_[i].second, meets = peak_ / speed;
            flat = std::min(flat, meets);
            const double from = std::max(least_x_, least_y_ / speed);
            if (meets <= from) continue;  // higher than anything that is drawn
            const Point a = place(from, from * speed), b = place(meets, peak_);
            svg += svg_line(a, b, "roof");
            const std::string words = level_label(i);
            if (!words.empty()) svg += roof_label(a, b, words);
        }
        const Point corner = place(std::max(flat, least_x_), peak_), end = place(most_x_, peak_);
        svg += svg_line(corner, end, "roof peak");
        return svg +
               svg_label({end.x, end.y - 7},
                         "FMA peak " + svg_number(std::round(10.0 * peak_) / 10.0) + " GFLOP/s",
                         "roof-name end");
    }

    // Levels of nearly the same speed share a label, at the first of them.
    std::string level_label(std::size_t level) const {
        const auto near = [&](std::size_t a, std::size_t b) {
            return levels_[a].second < 1.4 * levels_[b].second;
        };
        if (level > 0 && near(level - 1, level)) return {};
        std::string names = levels_[level].first,
                    speeds = svg_number(std::round(levels_[level].second));
        for (std::size_t i = level + 1; i < levels_.size() && near(i - 1, i); ++i) {
            names += ", " + levels_[i].first;
            speeds += ", " + svg_number(std::round(levels_[i].second));
        }
        return names + ": " + speeds + " GB/s";
    }

    static std::string roof_label(Point a, Point b, const std::string& text) {
        const double angle = std::atan2(b.y - a.y, b.x - a.x) * 180.0 / 3.14159265358979;
        const Point p{a.x + 0.12 * (b.x - a.x), a.y + 0.12 * (b.y - a.y) - 5};
        char turn[96];
        std::snprintf(turn, sizeof turn, " transform=\"rotate(%.1f %.1f %.1f)\"", angle, p.x, p.y);
        return "<text class=\"roof-name\"" + svg_at("x", "y", p) + turn + ">" + escaped(text) +
               "</text>\n";
    }

    // A number that would cover another one moves down, with a line to its point.
    std::string points() const {
        std::vector<std::size_t> order(results_.size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        const auto own = [&](std::size_t i) {
            return place(*results_[i].intensity, results_[i].gflops);
        };
        std::sort(order.begin(), order.end(),
                  [&](std::size_t a, std::size_t b) { return own(a).y < own(b).y; });
        std::vector<Point> taken;
        std::string lines, badges;
        for (const std::size_t i : order) {
            const Point point = own(i);
            const Point badge = free_place(point, taken);
            taken.push_back(badge);
            const std::string kind = nearness(results_[i].roof_share().value_or(0.0));
            lines += svg_line(point, badge, "leader");
            badges +=
                "<circle class=\"point " + kind + "\" r=\"3\"" + svg_at("cx", "cy", point) + "/>";
            badges += "<g class=\"badge " + kind + "\"><title>" +
                      escaped(results_[i].shape + ": " + roof_text(results_[i])) +
                      "</title><circle r=\"9\"" + svg_at("cx", "cy", badge) + "/>" +
                      svg_label({badge.x, badge.y + 4}, std::to_string(i + 1), "middle") + "</g>\n";
        }
        return lines + badges;
    }

    Point free_place(Point point, const std::vector<Point>& taken) const {
        const auto is_free = [&](Point p) {
            return p.y < height_ - bottom - 10 && p.x > left + 10 && p.x < width_ - right - 10 &&
                   std::none_of(taken.begin(), taken.end(), [&](Point other) {
                       return std::hypot(p.x - other.x, p.y - other.y) < 20.0;
                   });
        };
        for (double down = 0; down < height_; down += 4) {
            for (const double side : {0.0, 20.0, -20.0}) {
                const Point p{point.x + side, point.y + 16 + down};
                if (is_free(p)) return p;
            }
        }
        return point;
    }

    std::vector<BenchResult> results_;
    double width_, height_, peak_ = 0.0;
    double least_x_ = 1, most_x_ = 10, least_y_ = 1, most_y_ = 10;
    std::vector<std::pair<std::string, double>> levels_;
};

}  // namespace

std::string roofline(const BenchReport& report, const std::string& port) {
    const Roofline wide(report, port, 720, 430), narrow(report, port, 350, 340);
    if (!wide.possible()) return {};
    return "<figure>\n" + wide.svg("wide") + narrow.svg("narrow") +
           "<figcaption>Each number is a shape of the list; its point has the same colour. The "
           "nearer to the lines, the less is left to gain.</figcaption>\n</figure>\n";
}

}  // namespace headroom::tools
