#include "bench/reference.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace bench {
namespace {

using Doubles = std::vector<double>;

std::size_t at(int index) { return static_cast<std::size_t>(index); }

double dot(const double* a, const double* b, std::size_t count) {
    double sum = 0.0;
    for (std::size_t i = 0; i < count; ++i) sum += a[i] * b[i];
    return sum;
}

Doubles widened(const float* from, std::size_t count) { return {from, from + count}; }

constexpr double infinity = std::numeric_limits<double>::infinity();

// out[c] = sum over j of softmax(score(j)) value[j][c], over the first `keys` keys. A sink is a
// score that takes part and has no value; -inf: there is none.
template <class Score>
void attend_row(const Score& score, const double* value, std::size_t keys, std::size_t width,
                double sink, double* out) {
    Doubles weights(keys);
    double largest = sink;
    for (std::size_t j = 0; j < keys; ++j) {
        weights[j] = score(j);
        largest = std::max(largest, weights[j]);
    }
    double sum = std::exp(sink - largest);
    for (double& w : weights) sum += w = std::exp(w - largest);
    std::fill_n(out, width, 0.0);
    for (std::size_t j = 0; j < keys; ++j) {
        const double w = weights[j] / sum;
        for (std::size_t c = 0; c < width; ++c) out[c] += w * value[j * width + c];
    }
}

// All tensors as AttendTask has them.
Doubles attend(const AttendTask& t, const Doubles& query, const Doubles& key,
               const Doubles& value) {
    const std::size_t width = at(t.width), tokens = at(t.tokens), keys = at(t.keys);
    Doubles out(query.size());
    for (std::size_t h = 0; h < at(t.heads); ++h) {
        const std::size_t head = h / at(t.heads / t.kv_heads) * keys * width;
        for (std::size_t i = 0; i < tokens; ++i) {
            const std::size_t row = (h * tokens + i) * width;
            const std::size_t seen = t.causal ? keys - tokens + i + 1 : keys;
            const auto score = [&](std::size_t j) {
                return double{t.scale} * dot(&query[row], &key[head + j * width], width);
            };
            attend_row(score, &value[head], seen, width, -infinity, &out[row]);
        }
    }
    return out;
}

// Rows [rows][inputs] times weights [outputs][inputs], and bias.
Doubles project(const Doubles& x, const float* weight, const float* bias, std::size_t inputs,
                std::size_t outputs) {
    const Doubles w = widened(weight, inputs * outputs);
    Doubles y(x.size() / inputs * outputs);
    for (std::size_t i = 0; i < y.size(); ++i) {
        const std::size_t output = i % outputs;
        y[i] = double{bias[output]} + dot(&x[i / outputs * inputs], &w[output * inputs], inputs);
    }
    return y;
}

// Heads of width-wide columns of `from`, from column `first` on, into [heads][keys][width] at key
// `position`.
void split_heads(const Doubles& from, std::size_t columns, std::size_t first, std::size_t heads,
                 std::size_t width, std::size_t keys, std::size_t position, Doubles& to) {
    for (std::size_t i = 0; i < from.size() / columns; ++i) {
        for (std::size_t h = 0; h < heads; ++h) {
            std::copy_n(&from[i * columns + first + h * width], width,
                        &to[(h * keys + position + i) * width]);
        }
    }
}

Doubles layer(const LayerTask& t) {
    const std::size_t width = at(t.width), tokens = at(t.tokens), keys = at(t.keys),
                      model = at(t.model_dim), columns = at(t.input_width()), heads = at(t.heads),
                      kv_heads = at(t.kv_heads);
    const Doubles projected =
        project(widened(t.x, tokens * model), t.input_weight, t.input_bias, model, columns);
    Doubles query(heads * tokens * width), key = widened(t.cached_keys, kv_heads * keys * width),
                                           value = widened(t.cached_values, key.size());
    split_heads(projected, columns, 0, heads, width, tokens, 0, query);
    split_heads(projected, columns, heads * width, kv_heads, width, keys, keys - tokens, key);
    split_heads(projected, columns, (heads + kv_heads) * width, kv_heads, width, keys,
                keys - tokens, value);
    const AttendTask inner{t.heads, t.kv_heads, t.width, t.tokens, t.keys,  t.causal,
                           true,    t.scale,    nullptr, nullptr,  nullptr, nullptr};
    const Doubles by_head = attend(inner, query, key, value);
    Doubles by_token(tokens * model);
    for (std::size_t h = 0; h < heads; ++h) {
        for (std::size_t i = 0; i < tokens; ++i)
            std::copy_n(&by_head[(h * tokens + i) * width], width,
                        &by_token[i * model + h * width]);
    }
    return project(by_token, t.output_weight, t.output_bias, model, model);
}

}  // namespace

std::vector<double> reference(const std::variant<AttendTask, LayerTask>& task) {
    if (const auto* whole = std::get_if<LayerTask>(&task)) return layer(*whole);
    const AttendTask& t = std::get<AttendTask>(task);
    const std::size_t width = at(t.width);
    return attend(t, widened(t.query, at(t.heads) * at(t.tokens) * width),
                  widened(t.key, at(t.kv_heads) * at(t.keys) * width),
                  widened(t.value, at(t.kv_heads) * at(t.keys) * width));
}

std::vector<double> reference_row(const AttendTask& t, int head, int query,
                                  const ScoreRules& rules) {
    const std::size_t width = at(t.width), keys = at(t.keys);
    const std::size_t of_head = at(head / (t.heads / t.kv_heads)) * keys * width;
    const Doubles row = widened(t.query + (at(head) * at(t.tokens) + at(query)) * width, width),
                  key = widened(t.key + of_head, keys * width),
                  value = widened(t.value + of_head, keys * width);
    const KeyRange seen = rules.visible(query);
    const auto score = [&](std::size_t j) {
        const int index = static_cast<int>(j);
        if (index < seen.first || index >= seen.end) return -infinity;
        const double raw = double{t.scale} * dot(row.data(), &key[j * width], width);
        return rules.changed ? rules.changed(head, query, index, raw) : raw;
    };
    Doubles out(width);
    const double sink = rules.sinks == nullptr ? -infinity : double{rules.sinks[head]};
    attend_row(score, value.data(), keys, width, sink, out.data());
    return out;
}

double largest_difference(std::span<const float> got, std::span<const double> expected) {
    double most = 0.0, largest = 0.0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const double apart = std::fabs(double{got[i]} - expected[i]);
        if (!(apart <= most)) most = apart;  // NaN counts as different
        largest = std::max(largest, std::fabs(expected[i]));
    }
    return most / largest;
}

}  // namespace bench
