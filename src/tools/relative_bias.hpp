// T5's relative attention bias (Raffel et al. 2020): each head adds a learned number to a score,
// one for each range of distances between query and key.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/layer_weights.hpp"

namespace headroom::tools {

/// How distances fall into buckets.
struct RelativeBuckets {
    int buckets = 32;
    int largest_distance = 128;  ///< From here on all share the last bucket.
    bool causal = false;  ///< Later keys share bucket 0; else half of the buckets are theirs.
};

/// The bucket of a key at `key` for a query at `query`.
int relative_bucket(const RelativeBuckets& buckets, std::int64_t query, std::int64_t key);

/// The bias of every score: f32 [heads][queries][keys], for a ScoreBias.
std::vector<float> score_bias(const RelativeBias& table, const RelativeBuckets& buckets,
                              std::int64_t queries, std::int64_t keys);

}  // namespace headroom::tools
