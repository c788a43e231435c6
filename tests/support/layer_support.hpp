// What the tests of layers and caches share: random weights, the documented layout of a cache, and
// a layer whose shape and features are only known at run time.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

#include <headroom/headroom.hpp>

#include "support/bits.hpp"
#include "support/memory.hpp"
#include "support/random.hpp"

namespace headroom::test {

/// `count` numbers from N(0, deviation^2).
inline std::vector<float> normals(Random& random, std::size_t count, double deviation = 1.0) {
    std::vector<float> all(count);
    random.fill(all, deviation);
    return all;
}

// A layer's weights as a framework would hold them.
struct LayerWeights {
    std::vector<float> query, key, value, output;
    std::vector<float> query_bias, key_bias, value_bias, output_bias;
    std::vector<float> extra_key, extra_value;

    LayerTensors tensors() const {
        return {query,    key,        value,       output,    query_bias,
                key_bias, value_bias, output_bias, extra_key, extra_value};
    }
};

// Random weights that keep every activation near 1. Biases: bit 0 query, 1 key, 2 value, 3 output.
inline LayerWeights random_weights(const Shape& shape, Random& random, unsigned biases = 15) {
    const Shape s = resolved(shape);
    const auto n = [](int a, int b) {
        return static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
    };
    const auto matrix = [&](std::size_t outputs, int inputs) {
        return normals(random, outputs * static_cast<std::size_t>(inputs), 0.9 / std::sqrt(inputs));
    };
    const std::size_t q = n(s.heads, s.head_dim), k = n(s.kv_heads, s.head_dim),
                      v = n(s.kv_heads, s.value_dim), o = n(s.output_dim, 1);
    LayerWeights w;
    w.query = matrix(q, s.model_dim);
    w.key = matrix(k, s.key_source_dim);
    w.value = matrix(v, s.value_source_dim);
    w.output = matrix(o, s.heads * s.value_dim);
    if (biases & 1) w.query_bias = normals(random, q, 0.5);
    if (biases & 2) w.key_bias = normals(random, k, 0.5);
    if (biases & 4) w.value_bias = normals(random, v, 0.5);
    if (biases & 8) w.output_bias = normals(random, o, 0.5);
    if (s.extra_key) {
        w.extra_key = normals(random, k);
        w.extra_value = normals(random, v);
    }
    return w;
}

inline Arena packed(const Shape& shape, const LayerWeights& weights) {
    Arena blob(weights_bytes(shape));
    const Result result = pack_weights(shape, weights.tensors(), blob.span());
    return result.ok() ? std::move(blob) : Arena(0);
}

// Where kv_cache.hpp says that each element of a state lies; written from its drawing, not its
// code.
struct CacheLayout {
    std::int64_t kv_heads, key_width, value_width, slots, fixed;

    explicit CacheLayout(const CacheShape& s)
        : kv_heads(s.kv_heads), key_width(s.key_width), value_width(s.value_width) {
        const auto floats = static_cast<std::int64_t>((state_bytes(s) - 64) / 4);
        slots = floats / (kv_heads * (key_width + value_width));
        fixed = s.window == 0 ? slots : (s.sinks + 15) / 16 * 16;
    }
    std::int64_t slot(std::int64_t token) const {
        return token < fixed ? token : fixed + (token - fixed) % (slots - fixed);
    }
    float key(std::span<const std::byte> state, std::int64_t head, std::int64_t token,
              std::int64_t c) const {
        const std::int64_t at = slot(token), group = at / 64 * 64;
        const std::int64_t width = slots - group < 64 ? slots - group : 64;
        return read(state, head * slots * key_width + group * key_width + c * width + at % 64);
    }
    float value(std::span<const std::byte> state, std::int64_t head, std::int64_t token,
                std::int64_t c) const {
        return read(state,
                    kv_heads * slots * key_width + (head * slots + slot(token)) * value_width + c);
    }

private:
    static float read(std::span<const std::byte> state, std::int64_t element) {
        float f;
        std::memcpy(&f, state.data() + 64 + element * 4, 4);
        return f;
    }
};

// Any of the features, chosen at run time.
struct FeatureSet {
    std::optional<RotaryTables> tables;
    std::optional<RotaryComputed> computed;
    std::optional<Softcap> softcap;
    std::optional<Alibi> alibi;
    std::optional<ScoreBias> bias;
    std::optional<BoolMask> mask;
    std::optional<SinkLogits> sinks;
    std::optional<ZeroKey> zero_key;
    std::optional<HeadMask> heads;
    std::optional<WeightsCallback> weights;
    std::optional<Statistics> statistics;
    std::optional<Executor> executor;
};

// MultiHeadAttention without the template: the same internal calls, with a shape from a random
// generator.
class RuntimeLayer {
public:
    RuntimeLayer(const Shape& shape, const Port& port, std::span<const std::byte> blob)
        : shape_(resolved(shape)), opened_(detail::open_layer(handle_, shape_, port, blob)) {}

    Result opened() const { return opened_; }

    Result forward(ConstRows x, Rows y, std::span<std::byte> state, std::span<std::byte> scratch,
                   const Attention& how, const FeatureSet& features) const {
        detail::LayerCall call{handle_, shape_, x, x, x, y, state, scratch, how, {}};
        detail::HeldChecks checks;
        bind(call.features, checks, features, 6);
        return detail::forward(call);
    }
    Result append_context(ConstRows keys, ConstRows values, std::span<std::byte> state,
                          std::span<std::byte> scratch, const FeatureSet& features) const {
        FeatureSet used;  // the others have no meaning here
        used.tables = features.tables;
        used.computed = features.computed;
        used.executor = features.executor;
        detail::LayerCall call{handle_, shape_, {}, keys, values, {}, state, scratch, {}, {}};
        detail::HeldChecks checks;
        bind(call.features, checks, used, 5);
        return detail::append_context(call);
    }
    Result attend_context(ConstRows x, Rows y, std::span<const std::byte> state,
                          std::span<std::byte> scratch, const Attention& how,
                          const FeatureSet& features) const {
        detail::LayerCall call{handle_, shape_, x, {}, {}, y, detail::read_only(state),
                               scratch, how,    {}};
        detail::HeldChecks checks;
        bind(call.features, checks, features, 6);
        return detail::attend_context(call);
    }

private:
    void bind(detail::LayerFeatures& to, detail::HeldChecks& checks, const FeatureSet& set,
              std::uint8_t at) const {
        const Port& port = handle_.port_or_best();
        const auto one = [&](const auto& feature) {
            if (feature) checks.bind(to, port, at++, *feature);
        };
        one(set.tables), one(set.computed), one(set.softcap), one(set.alibi), one(set.bias),
            one(set.mask);
        one(set.sinks), one(set.zero_key), one(set.heads), one(set.weights), one(set.statistics);
        one(set.executor);
        if (shape_.extra_key) detail::bind_extra_key(to, port);
    }

    Shape shape_;
    detail::LayerHandle handle_;
    Result opened_;
};

}  // namespace headroom::test
