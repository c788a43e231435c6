// Runs a LayerCase from the first token to the last, cut into calls in any way.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "support/index.hpp"
#include "support/layer_case.hpp"
#include "support/ports.hpp"

namespace headroom::test {

struct LayerRun {
    std::vector<const Port*> ports;  // taken in turns by the calls; empty: scalar
    std::vector<std::int64_t> cuts;  // queries of each call; empty: all at once
    int max_queries = 0;             // instead of the case's; 0: the case's
    int scratch_fill = 0xff;
    const Executor* executor = nullptr;
    const WeightsCallback* weights = nullptr;
    const Statistics* statistics = nullptr;
    bool in_place = false;  // y == x, for layers that allow it
    Index gap = 0;          // floats between the rows of x and y
};

struct LayerOutcome {
    Result result;              // of the first call that failed, or ok
    std::vector<float> y;       // [queries][output_dim]
    std::vector<float> cached;  // [tokens still stored][kv_heads][key_width | value_width]
    bool arenas_intact = true;
};

// The tokens of a case: x, and for cross-attention the context's two sources.
struct LayerInputs {
    std::vector<float> x, keys, values;

    explicit LayerInputs(const LayerCase& c) {
        Random random(c.seed + 1000);
        const auto rows = [&](std::int64_t n, int width) {
            return normals(random, static_cast<std::size_t>(n * width));
        };
        x = rows(c.queries, c.shape.model_dim);
        keys = c.use == Use::cross ? rows(c.keys, c.shape.key_source_dim) : x;
        values = c.use == Use::cross ? rows(c.keys, c.shape.value_source_dim) : x;
    }
};

inline std::vector<float> cached_tokens(const CacheShape& shape, std::span<const std::byte> state,
                                        std::int64_t tokens) {
    const CacheLayout layout(shape);
    const std::int64_t oldest =
        shape.window == 0 ? 0 : std::max<std::int64_t>(0, tokens - shape.window);
    std::vector<float> all;
    for (std::int64_t p = oldest; p < tokens; ++p)
        for (std::int64_t h = 0; h < shape.kv_heads; ++h) {
            for (std::int64_t i = 0; i < shape.key_width; ++i)
                all.push_back(layout.key(state, h, p, i));
            for (std::int64_t i = 0; i < shape.value_width; ++i)
                all.push_back(layout.value(state, h, p, i));
        }
    return all;
}

// Rows with a gap of canaries after each.
class PaddedRows {
public:
    PaddedRows(std::span<const float> rows, Index width, Index buffer_width, Index gap)
        : stride_(buffer_width + gap),
          count_(static_cast<Index>(rows.size()) / width),
          memory_(static_cast<std::size_t>(stride_ * count_), canary()) {
        for (Index r = 0; r < count_; ++r)
            std::copy_n(rows.data() + r * width, width, memory_.data() + r * stride_);
    }
    PaddedRows(Index rows, Index width, Index gap)
        : stride_(width + gap),
          count_(rows),
          memory_(static_cast<std::size_t>(stride_ * rows), canary()) {}

    Rows view(Index first, Index count, Index width) {
        const auto skip = static_cast<std::size_t>(first * stride_);
        const auto used = static_cast<std::size_t>(count == 0 ? 0 : (count - 1) * stride_ + width);
        return {std::span(memory_).subspan(skip, used), count, width, stride_};
    }
    std::vector<float> dense(Index width) const {
        std::vector<float> all;
        for (Index r = 0; r < count_; ++r)
            all.insert(all.end(), memory_.data() + r * stride_,
                       memory_.data() + r * stride_ + width);
        return all;
    }
    // Whether what lies behind each row's `width` elements is still the canary.
    bool gaps_intact(Index width) const {
        for (Index r = 0; r < count_; ++r)
            for (Index i = width; i < stride_; ++i)
                if (bits_of(memory_[static_cast<std::size_t>(r * stride_ + i)]) != canonical_nan)
                    return false;
        return true;
    }

private:
    Index stride_, count_;
    std::vector<float> memory_;
};

inline LayerOutcome run_layer(const LayerCase& c, const LayerRun& how) {
    Shape shape = c.shape;
    if (how.max_queries > 0) shape.max_queries = how.max_queries;
    const int workers = how.executor == nullptr ? 1 : how.executor->workers;
    const LayerInputs inputs(c);
    const Arena blob = packed(shape, c.weights), state(state_bytes(shape), 0, 0),
                scratch(scratch_bytes(shape, workers), 0, how.scratch_fill);
    const std::vector<const Port*> ports =
        how.ports.empty() ? std::vector{&scalar_port()} : how.ports;
    std::vector<RuntimeLayer> layers;
    LayerOutcome outcome;
    for (const Port* port : ports) {
        layers.emplace_back(shape, *port, blob.span());
        if (outcome.result.ok()) outcome.result = layers.back().opened();
    }

    const Index in = c.shape.model_dim, out = c.shape.output_dim;
    PaddedRows x(inputs.x, in, std::max(in, how.in_place ? out : in), how.gap),
        y(index_of(c.queries), out, how.gap);
    if (c.use == Use::cross && outcome.result.ok()) {
        outcome.result = layers[0].append_context(
            rows_of(inputs.keys, index_of(c.keys), shape.key_source_dim),
            rows_of(inputs.values, index_of(c.keys), shape.value_source_dim), state.span(),
            scratch.span(), c.features());
    }
    std::vector<std::int64_t> cuts = how.cuts;
    if (cuts.empty()) cuts.push_back(c.queries);
    std::int64_t first = 0;
    for (std::size_t i = 0; i < cuts.size() && outcome.result.ok(); ++i) {
        const RuntimeLayer& layer = layers[i % layers.size()];
        FeatureSet features = c.features(first);
        if (how.executor != nullptr) features.executor = *how.executor;
        if (how.weights != nullptr) features.weights = *how.weights;
        if (how.statistics != nullptr) features.statistics = *how.statistics;
        const Index from = index_of(first), tokens = index_of(cuts[i]);
        const Rows xs = x.view(from, tokens, in),
                   ys = how.in_place ? x.view(from, tokens, out) : y.view(from, tokens, out);
        Attention attention = c.how;
        attention.first_position += c.use == Use::cross ? first : 0;
        outcome.result =
            c.use == Use::cross
                ? layer.attend_context(xs, ys, state.span(), scratch.span(), attention, features)
                : layer.forward(xs, ys, state.span(), scratch.span(), attention, features);
        first += cuts[i];
    }
    outcome.y = how.in_place ? x.dense(out) : y.dense(out);
    outcome.cached = cached_tokens(cache_shape(shape), state.span(), c.keys);
    outcome.arenas_intact = state.intact() && scratch.intact() && blob.intact() &&
                            (how.in_place ? x.gaps_intact(out) : y.gaps_intact(out));
    return outcome;
}

}  // namespace headroom::test
