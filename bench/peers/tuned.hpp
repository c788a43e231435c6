// A peer's best setting for a task, found by trying.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

namespace bench {
namespace {

// The variant of 0 ... count - 1 (at most 64) whose run(variant) takes the shortest time, all tried
// in turn, so that a disturbance does not decide.
template <class Run>
int fastest_variant(int count, Run run) {
    using Clock = std::chrono::steady_clock;
    using Seconds = std::chrono::duration<double>;
    std::array<double, 64> best;
    best.fill(1e30);
    const auto end = best.begin() + count;
    const auto first = Clock::now();
    for (int round = 0; round < 5 && Seconds(Clock::now() - first).count() < 1.0; ++round) {
        for (int variant = 0; variant < count; ++variant) {
            double& shortest = best[static_cast<std::size_t>(variant)];
            const int calls = std::clamp(static_cast<int>(2e-4 / shortest), 1, 100);
            const auto start = Clock::now();
            for (int i = 0; i < calls; ++i) run(variant);
            shortest = std::min(shortest, Seconds(Clock::now() - start).count() / calls);
        }
    }
    return static_cast<int>(std::min_element(best.begin(), end) - best.begin());
}

}  // namespace
}  // namespace bench
