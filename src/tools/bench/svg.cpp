#include "tools/bench/svg.hpp"

#include <cmath>
#include <cstdio>

#include "tools/bench/page_parts.hpp"

namespace headroom::tools {

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

}  // namespace headroom::tools
