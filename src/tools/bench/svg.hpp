// Pieces of a chart, as SVG.
#pragma once

#include <string>
#include <vector>

namespace headroom::tools {

struct SvgPoint {
    double x, y;
};

/// Four significant digits.
std::string svg_number(double value);

/// Two attributes of these names: ` x="1.0" y="2.0"`.
std::string svg_at(const char* x, const char* y, SvgPoint point);

std::string svg_line(SvgPoint from, SvgPoint to, const std::string& kind);
std::string svg_label(SvgPoint point, const std::string& text, const std::string& kind);

/// `steps` times powers of ten within a range: where a logarithmic axis has its lines.
std::vector<double> ticks(double least, double most, const std::vector<double>& steps);

}  // namespace headroom::tools
