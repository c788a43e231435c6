#include "conformance/sensitivity.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace headroom::conformance {

std::vector<std::vector<double>> sensitivity(const TestCase& test, Operator run,
                                             const Outcome& outcome) {
    constexpr std::uint64_t tries = 16;
    std::vector<std::vector<double>> moved;
    for (const Output& output : outcome.outputs) moved.emplace_back(output.got.size(), 0.0);
    for (std::uint64_t seed = 1; seed <= tries; ++seed) {
        const Outcome other = run(test.nudged(seed), *find_port("scalar"));
        for (std::size_t o = 0; o < moved.size(); ++o)
            for (std::size_t i = 0; i < moved[o].size(); ++i) {
                const double from = outcome.outputs[o].got[i], to = other.outputs.at(o).got[i];
                if (std::isfinite(to - from)) {
                    moved[o][i] = std::max(moved[o][i], std::fabs(to - from));
                }
            }
    }
    return moved;
}

}  // namespace headroom::conformance
