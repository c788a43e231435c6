// A configuration's features with the memory that they point to.
#pragma once

#include <cstdint>

#include <headroom/headroom.h>

#include "bits/configuration.hpp"
#include "bits/inputs.hpp"
#include "bits/record.hpp"

namespace headroom::bits {

class Features {
public:
    /// For sequences of `rows` queries in all and `keys` keys.
    Features(const Configuration& configuration, Inputs& inputs, int rows, int keys);
    Features(const Features&) = delete;
    Features& operator=(const Features&) = delete;

    /// The features of the call whose first query is number `first` of the sequence; null if it has
    /// none, which is a path of its own.
    const hr_features* from(int first);

    /// The same for a call that appends and does not attend.
    const hr_features* for_append() const;

    /// What weights and statistics of the call since were; costs of `queries` by `keys`.
    void record(Record& record, int queries, int keys);

    int workers() const { return configuration_.has(executor) ? executor_.workers : 1; }

private:
    void make_scores(Inputs& inputs, int rows, int keys);
    void make_keys(Inputs& inputs);
    void make_rotary(int positions);

    const Configuration& configuration_;
    hr_features features_ = {};
    hr_features append_ = {};
    float cap_ = 0.0f;
    hr_floats slopes_ = {}, sinks_ = {};
    hr_float_mask all_bias_ = {}, bias_ = {};  // of the sequence, of a call
    hr_bool_mask all_mask_ = {}, mask_ = {};
    hr_extra_key extra_ = {};
    hr_bools kept_ = {};
    hr_weights_callback weights_ = {};
    hr_statistics statistics_ = {};
    hr_rotary_tables tables_ = {};
    hr_rotary_computed computed_ = {};
    hr_executor executor_ = {};
    std::uint64_t shown_ = 0;  // sum over all weights shown: their order is free
};

hr_rotary_parameters rotary_parameters(const Configuration& configuration);

}  // namespace headroom::bits
