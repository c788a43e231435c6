// A receiver for a WeightsCallback that keeps everything and complains about how it came.
#pragma once

#include <headroom/features.hpp>
#include <mutex>
#include <string>
#include <vector>

#include "support/bits.hpp"
#include "support/lock.hpp"
#include "support/problem.hpp"

namespace headroom::test {

/// Everything that came, as [batches][heads][queries][keys]; complaints about how it came.
struct Shown {
    const Problem* problem;
    const Field* out;  // to see that it is still unwritten
    std::vector<float> values;
    std::vector<int> times;
    std::string complaint;
    bool may_skip = false;  // stretches of keys, as a ring may
    Lock lock;

    Shown(const Problem& p, const Field& output) : problem(&p), out(&output) {
        const Sizes& s = p.sizes;
        values.assign(static_cast<std::size_t>(s.batches * s.heads * s.queries * s.keys), canary());
        times.assign(values.size(), 0);
    }
    std::size_t place(Index b, Index h, Index i, Index j) const {
        const Sizes& s = problem->sizes;
        return static_cast<std::size_t>(((b * s.heads + h) * s.queries + i) * s.keys + j);
    }

    static void receive(void* context, const WeightsBlock& block) {
        Shown& self = *static_cast<Shown*>(context);
        const std::lock_guard guard(self.lock);
        const Sizes& s = self.problem->sizes;
        const auto count = static_cast<Index>(block.values.size());
        const bool inside = block.batch >= 0 && block.batch < s.batches && block.head >= 0 &&
                            block.head < s.heads && block.query >= 0 && block.query < s.queries &&
                            block.first_key >= 0 && block.first_key + count <= s.keys;
        if (!inside) {
            self.complaint = "a block outside the call";
            return;
        }
        if (count < 1 || count > 128)
            self.complaint = "a block of " + std::to_string(count) + " keys";
        const std::size_t first = self.place(block.batch, block.head, block.query, 0);
        for (Index j = 0; j < block.first_key; ++j)
            if (self.times[first + static_cast<std::size_t>(j)] != 1 && !self.may_skip)
                self.complaint = "a row out of order";
        for (Index j = 0; j < count; ++j) {
            const std::size_t at = first + static_cast<std::size_t>(block.first_key + j);
            self.values[at] = block.values[static_cast<std::size_t>(j)];
            ++self.times[at];
        }
        self.out->for_each_row([&](Index, Index, Index, std::span<const float> row) {
            if (!row.empty() && std::bit_cast<std::uint32_t>(row[0]) != canary_bits)
                self.complaint = "the output was written before the weights were shown";
        });
    }
};

}  // namespace headroom::test
