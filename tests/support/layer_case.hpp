// A random layer with its weights, options and features: what the property tests of layers run.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "support/layer_support.hpp"

namespace headroom::test {

enum class Use { self, ring, cross };

// Owns everything that a FeatureSet points to.
struct LayerCase {
    Use use = Use::self;
    std::uint64_t seed = 0;
    Shape shape;  // resolved
    LayerWeights weights;
    Attention how;
    std::int64_t queries = 0;  // tokens of the whole sequence
    std::int64_t keys = 0;     // cross: tokens of the context; else = queries

    RotaryPairs pairs = RotaryPairs::halves;
    RotaryParameters rotary;       // dim 0: no rotary embedding
    bool rotary_computed = false;  // else by tables
    std::vector<float> cos, sin;   // [keys][dim / 2]

    float softcap = 0.0f;            // 0: none
    std::vector<float> slopes;       // [heads] or empty
    std::vector<float> sink_logits;  // [heads] or empty
    std::vector<float> bias;         // [heads or 1][queries][keys] or empty
    std::unique_ptr<bool[]> mask;    // [queries][keys] or null
    std::unique_ptr<bool[]> keep;    // [heads] or null
    bool zero_key = false;

    Index bias_head_stride() const {
        return static_cast<Index>(bias.size()) == queries * keys
                   ? 0
                   : static_cast<Index>(queries * keys);
    }
    float bias_at(std::int64_t h, std::int64_t i, std::int64_t j) const {
        return bias[static_cast<std::size_t>(h * bias_head_stride() + i * keys + j)];
    }

    // The features of a call whose first token is number `first_query` of the sequence.
    FeatureSet features(std::int64_t first_query = 0) const {
        FeatureSet set;
        if (rotary.dim > 0 && rotary_computed) set.computed = RotaryComputed{rotary, pairs};
        if (rotary.dim > 0 && !rotary_computed) set.tables = tables();
        if (softcap > 0) set.softcap = Softcap{softcap};
        if (!slopes.empty()) set.alibi = Alibi{slopes};
        const auto skip = static_cast<std::size_t>(first_query * keys);
        if (!bias.empty()) {
            set.bias = ScoreBias{{std::span(bias).subspan(skip), static_cast<Index>(keys), 0,
                                  bias_head_stride(), static_cast<Index>(keys), 1}};
        }
        if (mask) {
            const std::span<const bool> all(mask.get(), static_cast<std::size_t>(queries * keys));
            set.mask = BoolMask{
                {all.subspan(skip), static_cast<Index>(keys), 0, 0, static_cast<Index>(keys), 1}};
        }
        if (!sink_logits.empty()) set.sinks = SinkLogits{sink_logits};
        if (zero_key) set.zero_key = ZeroKey{};
        if (keep) set.heads = HeadMask{{keep.get(), static_cast<std::size_t>(shape.heads)}};
        return set;
    }
    RotaryTables tables() const {
        const auto positions =
            rotary.dim == 0 ? 0 : static_cast<std::int64_t>(cos.size()) / (rotary.dim / 2);
        return {rotary.dim, pairs, positions, cos, sin};
    }
};

// Tables from the C library: near to, but not the same bits as, those of build_rotary().
inline void fill_tables(LayerCase& c) {
    const std::int64_t positions = std::max(c.queries, c.keys);
    for (std::int64_t p = 0; p < positions; ++p) {
        for (int i = 0; i < c.rotary.dim / 2; ++i) {
            const double angle =
                static_cast<double>(p) * std::pow(c.rotary.base, -2.0 * i / c.rotary.dim);
            c.cos.push_back(static_cast<float>(std::cos(angle)));
            c.sin.push_back(static_cast<float>(std::sin(angle)));
        }
    }
}

inline Shape random_shape(Use use, std::int64_t queries, std::int64_t keys, Random& random) {
    const auto pick = [&](int low, int high) {
        return static_cast<int>(random.between(low, high));
    };
    Shape s{.model_dim = pick(1, 40), .kv_heads = pick(1, 3)};
    s.heads = s.kv_heads * pick(1, 4);
    s.head_dim = random.chance(0.1) ? pick(60, 80) : pick(1, 20);
    s.value_dim = random.chance(0.5) ? s.head_dim : pick(1, 24);
    s.output_dim = random.chance(0.5) ? s.model_dim : pick(1, 40);
    s.extra_key = random.chance(0.2);
    if (use == Use::cross && random.chance(0.7)) s.key_source_dim = pick(1, 40);
    if (use == Use::cross && random.chance(0.7)) s.value_source_dim = pick(1, 40);
    s.max_queries = random.chance(0.3) ? 1 : pick(1, 60);
    s.max_keys = keys + pick(0, 20);
    if (use == Use::ring) {
        s.window = pick(1, 40);
        s.sinks = random.chance(0.5) ? 0 : pick(1, 40);
        s.max_queries = std::min(s.max_queries, static_cast<int>(queries));
        s.max_keys = 0;
    }
    return resolved(s);
}

// What a query of this use may be told about its keys, within what its cache can serve.
inline Attention random_attention(const LayerCase& c, Random& random) {
    Attention how;
    if (random.chance(0.3)) how.scale = 0.25f;
    how.causal = c.use == Use::ring || random.chance(0.6);
    if (random.chance(0.4)) how.window_left = random.between(0, c.keys);
    if (random.chance(0.3)) how.window_right = random.between(0, c.keys);
    if (how.window_left >= 0 && random.chance(0.5)) how.sink_tokens = random.between(0, 5);
    if (c.use == Use::ring) {
        how.window_left =
            random.chance(0.7) ? c.shape.window - 1 : random.between(0, c.shape.window - 1);
        how.sink_tokens = random.between(0, c.shape.sinks);
    }
    if (c.use == Use::cross) how.first_position = random.between(-3, c.keys);
    return how;
}

inline void random_features(LayerCase& c, Random& random) {
    const auto heads = static_cast<std::size_t>(c.shape.heads);
    const auto scores = static_cast<std::size_t>(c.queries * c.keys);
    if (random.chance(0.2)) c.softcap = 3.0f;
    if (random.chance(0.2)) c.slopes = normals(random, heads, 0.1);
    if (random.chance(0.2)) c.sink_logits = normals(random, heads);
    if (random.chance(0.2)) {
        c.bias = normals(random, random.chance(0.5) ? scores : heads * scores);
        for (float& b : c.bias)
            if (random.chance(0.2)) b = -std::numeric_limits<float>::infinity();
    }
    if (random.chance(0.2)) {
        c.mask = std::make_unique<bool[]>(scores);
        for (std::size_t i = 0; i < scores; ++i) c.mask[i] = random.chance(0.6);
    }
    if (random.chance(0.3)) {
        c.keep = std::make_unique<bool[]>(heads);
        for (std::size_t h = 0; h < heads; ++h) c.keep[h] = random.chance(0.6);
    }
    c.zero_key = random.chance(0.15);
}

// Everything follows from the seed.
inline LayerCase random_case(Use use, std::uint64_t seed, std::int64_t most_tokens) {
    Random random(seed);
    LayerCase c;
    c.use = use;
    c.seed = seed;
    c.queries = random.between(1, most_tokens);
    c.keys = use == Use::cross ? random.between(1, most_tokens) : c.queries;
    c.shape = random_shape(use, c.queries, c.keys, random);
    c.how = random_attention(c, random);
    random_features(c, random);
    if (c.shape.head_dim >= 2 && random.chance(0.4)) {
        c.rotary.dim = 2 * static_cast<int>(random.between(1, c.shape.head_dim / 2));
        c.rotary.base = random.chance(0.5) ? 10000.0 : 500.0;
        c.pairs = random.chance(0.5) ? RotaryPairs::halves : RotaryPairs::interleaved;
        c.rotary_computed = random.chance(0.5);
        if (c.rotary_computed) c.shape.rotary_dim = c.rotary.dim;
        if (use == Use::cross) c.how.first_position = random.between(0, c.keys);
        if (use == Use::cross) c.keys += c.queries;  // so that the tables reach every query
        fill_tables(c);
        if (use == Use::cross) c.keys -= c.queries;
    }
    c.weights = random_weights(c.shape, random, static_cast<unsigned>(random.bits() % 16));
    return c;
}

// Lengths of calls that add up to `tokens`.
inline std::vector<std::int64_t> random_cuts(std::int64_t tokens, std::int64_t longest,
                                             Random& random) {
    std::vector<std::int64_t> cuts;
    while (tokens > 0) {
        cuts.push_back(random.between(1, std::min(tokens, longest)));
        tokens -= cuts.back();
    }
    return cuts;
}

}  // namespace headroom::test
