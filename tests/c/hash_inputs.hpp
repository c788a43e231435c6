// The features of a configuration as types, for hash.cpp: the C++ interface takes them so.
#pragma once

#include <span>

#include <headroom/headroom.hpp>

#include "c/configurations.h"
#include "c/inputs.h"

namespace headroom::test {

struct FeatureSizes {
    Index batches, queries, keys, heads, kv_heads, key_width, value_width;
};

inline void add_block(void* context, const WeightsBlock& block) {
    auto& hash = *static_cast<std::uint64_t*>(context);
    for (const auto n :
         {static_cast<std::int64_t>(block.batch), static_cast<std::int64_t>(block.head),
          static_cast<std::int64_t>(block.query), block.first_key}) {
        add_number(&hash, static_cast<std::uint64_t>(n));
    }
    add_floats(&hash, block.values.data(), block.values.size());
}

/// What a call's features point to.
struct FeatureMemory {
    const inputs& in;
    FeatureSizes sizes;
    Stage stage;
    std::uint64_t& hash;
    RotaryTables tables = {};
    RotaryComputed computed = {};
    HeadStatistics heads[16] = {};
    int workers = WORKERS;

    std::span<HeadStatistics> statistics() {
        return std::span(heads).first(static_cast<std::size_t>(sizes.batches * sizes.heads));
    }

    template <int Which>
    auto get() {
        const auto first = [](const auto& all, Index n) {
            return std::span(all).first(static_cast<std::size_t>(n));
        };
        const Index rows = sizes.queries * sizes.keys;
        if constexpr (Which == WITH_SOFTCAP) return Softcap{1.5f};
        if constexpr (Which == WITH_ALIBI) return Alibi{first(in.slopes, sizes.heads)};
        if constexpr (Which == WITH_BIAS)
            return ScoreBias{{in.bias, sizes.keys, 0, rows, sizes.keys, 1}};
        if constexpr (Which == WITH_MASK)
            return BoolMask{{in.mask, sizes.keys - 1, rows, 0, sizes.keys, 1}};
        if constexpr (Which == WITH_SINKS) return SinkLogits{first(in.sinks, sizes.heads)};
        if constexpr (Which == WITH_EXTRA_KEY)
            return ExtraKey{first(in.extra_key, sizes.kv_heads * sizes.key_width),
                            first(in.extra_value, sizes.kv_heads * sizes.value_width)};
        if constexpr (Which == WITH_ZERO_KEY) return ZeroKey{};
        if constexpr (Which == WITH_HEAD_MASK) return HeadMask{first(in.keep, sizes.heads)};
        if constexpr (Which == WITH_WEIGHTS) return WeightsCallback{stage, &hash, add_block};
        if constexpr (Which == WITH_STATISTICS) return Statistics{statistics()};
        if constexpr (Which == WITH_EXECUTOR) return Executor{WORKERS, &workers, run_backwards};
        if constexpr (Which == WITH_TABLES) return tables;
        if constexpr (Which == WITH_COMPUTED) return computed;
    }
};

/// Calls call(feature...) with the features whose bits are set in Which.
template <int Which, int Bit = 0, class Call, class... Features>
Result with_features(FeatureMemory& memory, const Call& call, const Features&... features) {
    if constexpr (Bit == FEATURE_BITS) {
        return call(features...);
    } else if constexpr ((Which >> Bit & 1) != 0) {
        return with_features<Which, Bit + 1>(memory, call, features..., memory.get<(1 << Bit)>());
    } else {
        return with_features<Which, Bit + 1>(memory, call, features...);
    }
}

inline void add_statistics(std::uint64_t* hash, std::span<const HeadStatistics> heads) {
    for (const HeadStatistics& head : heads) {
        add_number(hash, static_cast<std::uint64_t>(head.rows));
        add_floats(hash, &head.entropy, 1);
        add_floats(hash, &head.largest_weight, 1);
        add_number(hash, static_cast<std::uint64_t>(head.query));
        add_number(hash, static_cast<std::uint64_t>(head.key));
    }
}

}  // namespace headroom::test
