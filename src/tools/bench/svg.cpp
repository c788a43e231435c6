#include "tools/bench/svg.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "tools/bench/page_parts.hpp"

namespace headroom::tools {
namespace {

// Both ends, and points at most 6 apart between them.
std::vector<SvgPoint> along(SvgPoint from, SvgPoint to) {
    const int steps = 1 + static_cast<int>(std::hypot(to.x - from.x, to.y - from.y) / 6.0);
    std::vector<SvgPoint> points;
    for (int i = 0; i <= steps; ++i) {
        const double part = static_cast<double>(i) / steps;
        points.push_back({from.x + part * (to.x - from.x), from.y + part * (to.y - from.y)});
    }
    return points;
}

}  // namespace

std::string svg_number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", value);
    return text;
}

std::string svg_at(const char* x, const char* y, SvgPoint p) {
    char text[64];
    std::snprintf(text, sizeof text, " %s=\"%.1f\" %s=\"%.1f\"", x, p.x, y, p.y);
    return text;
}

std::string svg_line(SvgPoint from, SvgPoint to, const std::string& kind) {
    return "<line class=\"" + kind + "\"" + svg_at("x1", "y1", from) + svg_at("x2", "y2", to) +
           "/>\n";
}

std::string svg_label(SvgPoint p, const std::string& text, const std::string& kind) {
    return "<text class=\"" + kind + "\"" + svg_at("x", "y", p) + ">" + escaped(text) + "</text>\n";
}

std::vector<double> ticks(double least, double most, const std::vector<double>& steps) {
    std::vector<double> all;
    for (double ten = std::pow(10.0, std::floor(std::log10(least))); ten <= most; ten *= 10.0) {
        for (const double step : steps) {
            if (ten * step >= least && ten * step <= most) all.push_back(ten * step);
        }
    }
    return all;
}

void SvgPlaces::add_line(SvgPoint from, SvgPoint to, double radius) {
    for (const SvgPoint p : along(from, to)) add(p, radius);
}

double SvgPlaces::room(SvgPoint centre, double radius) const {
    double least = 1e9;
    for (const Disc& disc : discs_) {
        const double apart = std::hypot(centre.x - disc.centre.x, centre.y - disc.centre.y);
        least = std::min(least, apart - disc.radius - radius);
    }
    return least;
}

double SvgPlaces::room_of_line(SvgPoint from, SvgPoint to, double radius) const {
    double least = 1e9;
    for (const SvgPoint p : along(from, to)) least = std::min(least, room(p, radius));
    return least;
}

SvgPoint SvgPlaces::choose(const std::vector<SvgPoint>& centres, double radius) const {
    SvgPoint best = centres.front();
    double most = -1e9;
    for (const SvgPoint p : centres) {
        const double here = room(p, radius);
        if (here >= 0.0) return p;
        if (here > most) {
            most = here;
            best = p;
        }
    }
    return best;
}

}  // namespace headroom::tools
