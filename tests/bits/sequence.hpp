// What a call of attend() is given, on tensors or on a cache: the numbers that do not change from
// call to call.
#pragma once

#include <cstdint>

#include <headroom/headroom.h>

#include "bits/configuration.hpp"
#include "bits/inputs.hpp"

namespace headroom::bits {

inline constexpr int most_batches = 2;

struct Visibility {
    hr_attention how = {};
    std::int64_t lengths[most_batches] = {};
    std::int64_t positions[most_batches] = {};

    Visibility(const Configuration& c, Inputs& inputs) {
        how.scale = static_cast<float>(c.scale_64ths) / 64.0f;
        how.causal = c.causal;
        how.keys_left = c.keys_left;
        how.keys_right = c.keys_right;
        how.sink_tokens = c.sink_tokens;
        for (int b = 0; b < most_batches; ++b) {
            lengths[b] = c.keys - (c.keys > 0 ? inputs.number(c.keys < 20 ? c.keys : 20) : 0);
            positions[b] = c.first_position + inputs.number(9) - 4;
        }
        if (c.lengths) how.valid_keys = lengths;
        if (c.own_positions) how.first_positions = own_;
        how.batches = static_cast<std::size_t>(c.batches);
        first_ = c.first_position;
    }
    Visibility(const Visibility&) = delete;
    Visibility& operator=(const Visibility&) = delete;

    /// For the call whose first query is number `first` of the sequence.
    const hr_attention* from(int first) {
        how.first_position = first_ + first;
        for (int b = 0; b < most_batches; ++b) own_[b] = positions[b] + first;
        return &how;
    }

private:
    std::int64_t first_ = 0;
    std::int64_t own_[most_batches] = {};
};

}  // namespace headroom::bits
