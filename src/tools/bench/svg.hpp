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

/// What is drawn already, as discs, so that what comes later keeps off it.
class SvgPlaces {
public:
    void add(SvgPoint centre, double radius) { discs_.push_back({centre, radius}); }
    void add_line(SvgPoint from, SvgPoint to, double radius);

    /// How far a disc, or a line as thick, would be from everything; negative where it covers it.
    double room(SvgPoint centre, double radius) const;
    double room_of_line(SvgPoint from, SvgPoint to, double radius) const;

    /// The first of the centres that has room for a disc; the one with the most if none has.
    SvgPoint choose(const std::vector<SvgPoint>& centres, double radius) const;

private:
    struct Disc {
        SvgPoint centre;
        double radius;
    };
    std::vector<Disc> discs_;
};

}  // namespace headroom::tools
