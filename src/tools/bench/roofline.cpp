// The roofline of a port, as SVG.
//
//   GFLOP/s |      L1 /  L2 /   ________________ FMA peak
//           |        /  T  /  /    T    T
//           |           | /  /     |   (2)
//           |          (3)  /     (1)
//           +------------------------------------ operations for each byte
//
// Both axes are logarithmic. A shape's share is of its own limit, the T above its dot: of a loop
// that ran in turn with it, on as much data. The long lines are of data of one size for each level,
// and of the clock rate at another time; a dot may lie above them.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "tools/bench/page_parts.hpp"
#include "tools/bench/svg.hpp"
#include "tools/bench/table.hpp"

namespace headroom::tools {
namespace {

using Point = SvgPoint;

// What the shape could reach: the nearer of its own two limits. 0: not measured.
double limit_of(const BenchResult& r) {
    const double share = r.roof_share().value_or(0.0);
    return share > 0.0 ? r.gflops / share : 0.0;
}

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
               "and operations a second, of each shape, with its own limit\">\n" +
               drawn() + "</svg>\n";
    }

private:
    static constexpr double left = 44, right = 14, top = 26, bottom = 40;
    static constexpr double text_width = 6.4;  // of a letter, on average, and a little more

    void set_ranges() {
        if (!possible()) return;
        double least = 1e30, most = 0.0, lowest = peak_, highest = peak_;
        for (const BenchResult& r : results_) {
            least = std::min(least, *r.intensity);
            most = std::max(most, *r.intensity);
            lowest = std::min(lowest, r.gflops);
            highest = std::max({highest, r.gflops, limit_of(r)});
        }
        // All points, and where each level's roof meets the peak.
        for (const auto& [name, speed] : levels_) {
            least = std::min(least, peak_ / speed);
            most = std::max(most, peak_ / speed);
        }
        least_x_ = least / 3.0;
        most_x_ = most * 2.0;
        least_y_ = lowest / 4.0;
        most_y_ = highest * 1.6;
    }

    Point place(double intensity, double gflops) const {
        const auto share = [](double value, double least, double most) {
            return std::log(value / least) / std::log(most / least);
        };
        return {left + (width_ - left - right) * share(intensity, least_x_, most_x_),
                height_ - bottom - (height_ - top - bottom) * share(gflops, least_y_, most_y_)};
    }

    Point dot_of(const BenchResult& r) const { return place(*r.intensity, r.gflops); }

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

    // Points and limits have fixed places; names of roofs keep off them, and numbers off all.
    std::string drawn() const {
        SvgPlaces taken;
        for (const BenchResult& r : results_) taken.add(dot_of(r), 3);
        const std::string own = limits(taken), lines = roofs(taken);
        return grid() + lines + own + points(taken);
    }

    // Each level's roof rises until it meets the peak.
    std::string roofs(SvgPlaces& taken) const {
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
            if (!words.empty()) svg += roof_label(a, b, words, taken);
        }
        const Point corner = place(std::max(flat, least_x_), peak_), end = place(most_x_, peak_);
        svg += svg_line(corner, end, "roof peak");
        const std::string words =
            "FMA peak " + svg_number(std::round(10.0 * peak_) / 10.0) + " GFLOP/s";
        const double length = text_width * static_cast<double>(words.size());
        const Point from{std::max(left, end.x - length), end.y};
        return svg + roof_label(from, end, words, taken);
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

    // Along a line, above or below it: where there is room, and near its lower end.
    static std::string roof_label(Point a, Point b, const std::string& text, SvgPlaces& taken) {
        const double whole = std::hypot(b.x - a.x, b.y - a.y),
                     length = text_width * static_cast<double>(text.size()),
                     across = (b.x - a.x) / whole, up = (b.y - a.y) / whole;
        Point best{}, best_end{};
        double most = -1e9;
        for (const double above : {9.0, -9.0}) {
            const double last = std::max(whole - length, 0.0), first = std::min(0.12 * whole, last);
            for (double from = first; from <= last; from += 8.0) {
                const Point p{a.x + from * across + above * up, a.y + from * up - above * across},
                    end{p.x + length * across, p.y + length * up};
                const double room = std::min(0.0, taken.room_of_line(p, end, 7));
                if (room <= most) continue;
                most = room;
                best = p;
                best_end = end;
            }
        }
        taken.add_line(best, best_end, 7);
        const Point foot{best.x - 4.0 * up, best.y + 4.0 * across};  // of the first letter
        char turn[96];
        std::snprintf(turn, sizeof turn, " transform=\"rotate(%.1f %.1f %.1f)\"",
                      std::atan2(up, across) * 180.0 / 3.14159265358979, foot.x, foot.y);
        return "<text class=\"roof-name\"" + svg_at("x", "y", foot) + turn + ">" + escaped(text) +
               "</text>\n";
    }

    // The marks of limits, joined to their dots. One stands aside where its line would cover
    // another line or another dot.
    std::string limits(SvgPlaces& taken) const {
        std::string svg;
        std::vector<std::pair<Point, Point>> lines;
        for (const BenchResult& r : results_) {
            if (limit_of(r) == 0.0) continue;
            const Point dot = dot_of(r), limit = place(*r.intensity, limit_of(r));
            SvgPlaces others;
            for (const BenchResult& other : results_) {
                if (&other != &r) others.add(dot_of(other), 3);
            }
            for (const auto& [from, to] : lines) others.add_line(from, to, 3);
            std::vector<Point> places;
            for (const double aside : {0.0, 7.0, -7.0, 14.0, -14.0})
                places.push_back({limit.x + aside, limit.y});
            const Point mark = *std::max_element(
                places.begin(), places.end(), [&](Point a, Point b) {  // the first of equal ones
                    return std::min(0.0, others.room_of_line(dot, a, 1)) <
                           std::min(0.0, others.room_of_line(dot, b, 1));
                });
            const std::string kind = nearness(*r.roof_share());
            const Point from{mark.x - 5, mark.y}, to{mark.x + 5, mark.y};
            svg += svg_line(dot, mark, "limit " + kind) + svg_line(from, to, "limit mark " + kind);
            lines.emplace_back(dot, mark);
            taken.add_line(dot, mark, 1);
            taken.add_line(from, to, 2);
        }
        return svg;
    }

    // Numbers beside their points, below them where there is room, and a line between both.
    std::string points(SvgPlaces& taken) const {
        std::vector<std::size_t> order(results_.size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        const auto own = [&](std::size_t i) { return dot_of(results_[i]); };
        std::sort(order.begin(), order.end(),
                  [&](std::size_t a, std::size_t b) { return own(a).y < own(b).y; });
        std::string lines, badges;
        for (const std::size_t i : order) {
            const Point point = own(i), badge = taken.choose(places_near(point), 9.5);
            taken.add(badge, 9.5);
            const auto share = results_[i].roof_share();
            const std::string kind = share ? nearness(*share) : "";
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

    // Within the frame, the nearest first, and first below.
    std::vector<Point> places_near(Point point) const {
        std::vector<Point> places;
        for (double far = 16; far < height_ / 2; far += 4) {
            for (const double turn : {0.0, 0.6, -0.6, 1.2, -1.2, 1.8, -1.8, 2.4, -2.4, 3.1}) {
                const Point p{point.x + far * std::sin(turn), point.y + far * std::cos(turn)};
                if (p.y < height_ - bottom - 10 && p.y > top + 10 && p.x > left + 10 &&
                    p.x < width_ - right - 10)
                    places.push_back(p);
            }
        }
        if (places.empty()) places.push_back(point);
        return places;
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
           "<figcaption>Each number is a shape of the list; its dot has the same colour. The short "
           "mark is the limit of that shape alone, found in turn with it and with as much data; "
           "the "
           "thin line from dot to mark is what is left to gain. The long lines are for "
           "orientation: "
           "they were found with data of one size for each level, and a dot may lie above them."
           "</figcaption>\n</figure>\n";
}

}  // namespace headroom::tools
