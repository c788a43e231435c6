#include "conformance/sensitivity.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace headroom::conformance {

std::map<std::string, std::vector<double>> sensitivity(const TestCase& test, Operator library) {
    constexpr std::uint64_t tries = 16;
    const Port& port = *find_port("scalar");
    const Outcome still = library(test, port);
    std::map<std::string, std::vector<double>> moved;
    for (const Output& output : still.outputs) moved[output.name].resize(output.got.size());
    for (std::uint64_t seed = 1; seed <= tries; ++seed) {
        const Outcome other = library(test.nudged(seed), port);
        for (std::size_t o = 0; o < still.outputs.size(); ++o) {
            std::vector<double>& furthest = moved[still.outputs[o].name];
            for (std::size_t i = 0; i < furthest.size(); ++i) {
                const double from = still.outputs[o].got[i], to = other.outputs.at(o).got[i];
                if (std::isfinite(to - from))
                    furthest[i] = std::max(furthest[i], std::fabs(to - from));
            }
        }
    }
    return moved;
}

}  // namespace headroom::conformance
