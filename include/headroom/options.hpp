// Which keys a query sees, and the scale of the scores.
#pragma once

#include <cstdint>
#include <span>

namespace headroom {

/// Query i of a call stands at position p = first_position + i among the keys, which count from 0.
/// It sees key j if all of these hold:
///
///   j < valid_keys                                    the sequence's length
///   j <= p                                            if causal
///   p - window_left <= j <= p + window_right          or j < sink_tokens
///   no BoolMask element is false, no ScoreBias value is -inf
struct Attention {
    /// Factor of the finished dot product; finite. 0 means 1 / sqrt(key width).
    float scale = 0.0f;

    bool causal = false;

    /// Position of query 0; may be negative (its queries then see less, or nothing). In a layer
    /// that appends it is the cache's size before the call, and this field is ignored. Within
    /// +-2^61.
    std::int64_t first_position = 0;

    /// Keys seen before and after the query's own position; -1: no bound, -2 and below: bad_value.
    std::int64_t window_left = -1;
    std::int64_t window_right = -1;

    /// The first tokens of the sequence, seen by every query in spite of the window; not negative.
    std::int64_t sink_tokens = 0;

    /// Keys of each sequence: i64 [batches], each in [0, keys]. Empty: all keys.
    std::span<const std::int64_t> valid_keys = {};

    /// Position of query 0 for each sequence: i64 [batches]. Empty: first_position for all.
    /// Ignored like it.
    std::span<const std::int64_t> first_positions = {};
};

}  // namespace headroom
