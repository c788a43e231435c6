#include "conformance/comparison.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

namespace headroom::conformance {
namespace {

// Distance in units of what is tolerated.
double distance(double got, double want, const Tolerance& tolerance, double allowance) {
    if (std::isnan(got) || std::isnan(want) || std::isinf(got) || std::isinf(want)) {
        const bool equal = got == want || (std::isnan(got) && std::isnan(want));
        return equal ? 0 : std::numeric_limits<double>::infinity();
    }
    const double error = std::fabs(got - want);
    if (error == 0) return 0;  // also where nothing else is tolerated
    return error / (tolerance.absolute + tolerance.relative * std::fabs(want) + allowance);
}

// "[1, 0, 3]" for element i of that shape.
std::string place(const Dims& dims, std::size_t i) {
    Dims at(dims.size());
    for (std::size_t d = dims.size(); d-- > 0;) {
        at[d] = static_cast<Index>(i % static_cast<std::size_t>(dims[d]));
        i /= static_cast<std::size_t>(dims[d]);
    }
    return shape_text(at);
}

}  // namespace

void Outcome::add(const TestCase& test, const std::string& name, const Dims& dims,
                  std::vector<float> got) {
    const Array* const want = test.find_output(name);
    if (want == nullptr) return;
    if (want->dims != dims) {
        throw Failure(name + " came out with shape " + shape_text(dims) + ", wanted " +
                      shape_text(want->dims));
    }
    covered.insert(name);
    outputs.push_back({name, std::move(got), *want});
}

Deviation compare(const Output& output, const Tolerance& tolerance,
                  const std::vector<double>& allowances) {
    Deviation worst;
    for (std::size_t i = 0; i < output.got.size(); ++i) {
        const double got = output.got[i], want = output.want.values[i];
        const double allowance = allowances.empty() ? 0.0 : allowances[i];
        const double ratio = distance(got, want, tolerance, allowance);
        worst.ratio = std::max(worst.ratio, ratio);
        if (ratio <= 1) continue;
        if (worst.failing++ == 0) {
            std::array<char, 96> text{};
            std::snprintf(text.data(), text.size(), " is %.9g, wanted %.9g", got, want);
            worst.where = output.name + place(output.want.dims, i) + text.data();
        }
    }
    return worst;
}

}  // namespace headroom::conformance
