// A whole layer in double precision, written from the formulas of the public headers: the oracle
// for what a layer means. Nothing of it is shared with the engine.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "support/layer_case.hpp"

namespace headroom::test {

class ReferenceLayer {
public:
    explicit ReferenceLayer(const LayerCase& layer) : c_(layer), s_(layer.shape) {}

    // Projects one token and appends it; `sources` are its rows of the key and the value source.
    void append(std::span<const float> key_source, std::span<const float> value_source) {
        const auto position = static_cast<std::int64_t>(keys_.size());
        keys_.push_back(
            project(c_.weights.key, c_.weights.key_bias, key_source, s_.kv_heads * s_.head_dim));
        values_.push_back(project(c_.weights.value, c_.weights.value_bias, value_source,
                                  s_.kv_heads * s_.value_dim));
        rotate(keys_.back(), s_.kv_heads, position);
    }

    // The output token of query number `index` of the sequence, which stands at `position` among
    // the keys.
    std::vector<double> attend(std::span<const float> x, std::int64_t index,
                               std::int64_t position) const {
        std::vector<double> query =
            project(c_.weights.query, c_.weights.query_bias, x, s_.heads * s_.head_dim);
        rotate(query, s_.heads, position);
        std::vector<double> y(static_cast<std::size_t>(s_.output_dim), 0.0);
        for (std::size_t o = 0; o < y.size(); ++o) y[o] = at(c_.weights.output_bias, o);
        for (int h = 0; h < s_.heads; ++h) {
            if (c_.keep && !c_.keep[static_cast<std::size_t>(h)]) continue;
            const std::vector<double> head = attend_head(query, h, index, position);
            for (std::size_t o = 0; o < y.size(); ++o) {
                const std::size_t row = o * static_cast<std::size_t>(s_.heads * s_.value_dim);
                for (int v = 0; v < s_.value_dim; ++v)
                    y[o] +=
                        head[static_cast<std::size_t>(v)] *
                        at(c_.weights.output, row + static_cast<std::size_t>(h * s_.value_dim + v));
            }
        }
        return y;
    }

    std::int64_t size() const { return static_cast<std::int64_t>(keys_.size()); }

private:
    static double at(const std::vector<float>& all, std::size_t i) {
        return all.empty() ? 0.0 : static_cast<double>(all[i]);
    }

    static std::vector<double> project(const std::vector<float>& matrix,
                                       const std::vector<float>& bias, std::span<const float> x,
                                       int outputs) {
        std::vector<double> y(static_cast<std::size_t>(outputs));
        for (std::size_t o = 0; o < y.size(); ++o) {
            y[o] = at(bias, o);
            for (std::size_t i = 0; i < x.size(); ++i)
                y[o] += static_cast<double>(matrix[o * x.size() + i]) * static_cast<double>(x[i]);
        }
        return y;
    }

    std::pair<double, double> cos_sin(std::int64_t position, int i) const {
        if (c_.rotary_computed) {
            const double angle =
                static_cast<double>(position) * std::pow(c_.rotary.base, -2.0 * i / c_.rotary.dim);
            return {std::cos(angle), std::sin(angle)};
        }
        const auto element = static_cast<std::size_t>(position * (c_.rotary.dim / 2) + i);
        return {static_cast<double>(c_.cos[element]), static_cast<double>(c_.sin[element])};
    }

    void rotate(std::vector<double>& heads, int count, std::int64_t position) const {
        const int half = c_.rotary.dim / 2;
        for (int h = 0; h < count; ++h) {
            double* const head = heads.data() + h * s_.head_dim;
            for (int i = 0; i < half; ++i) {
                const bool halves = c_.pairs == RotaryPairs::halves;
                double &x0 = head[halves ? i : 2 * i], &x1 = head[halves ? i + half : 2 * i + 1];
                const auto [cos, sin] = cos_sin(position, i);
                const double y0 = cos * x0 - sin * x1, y1 = sin * x0 + cos * x1;
                x0 = y0, x1 = y1;
            }
        }
    }

    bool sees(std::int64_t index, std::int64_t p, std::int64_t j) const {
        const Attention& how = c_.how;
        if (!how.valid_keys.empty() && j >= how.valid_keys[0]) return false;
        if (how.causal && j > p) return false;
        const bool in_window = (how.window_left < 0 || j >= p - how.window_left) &&
                               (how.window_right < 0 || j <= p + how.window_right);
        if (!in_window && j >= how.sink_tokens) return false;
        return !c_.mask || c_.mask[static_cast<std::size_t>(index * c_.keys + j)];
    }

    double capped_score(const double* query, const double* key) const {
        double dot = 0.0;
        for (int d = 0; d < s_.head_dim; ++d) dot += query[d] * key[d];
        const auto scale = static_cast<double>(c_.how.scale);
        const double score = dot * (c_.how.scale == 0.0f ? 1.0 / std::sqrt(s_.head_dim) : scale);
        const auto cap = static_cast<double>(c_.softcap);
        return c_.softcap > 0 ? cap * std::tanh(score / cap) : score;
    }

    std::vector<double> attend_head(const std::vector<double>& queries, int h, std::int64_t index,
                                    std::int64_t p) const {
        constexpr double masked = -std::numeric_limits<double>::infinity();
        const int g = h / (s_.heads / s_.kv_heads);
        const double* const query = queries.data() + h * s_.head_dim;
        std::vector<double> scores;
        std::vector<std::vector<double>> values;
        for (std::int64_t j = 0; j < size(); ++j) {
            if (!sees(index, p, j)) continue;
            double s =
                capped_score(query, keys_[static_cast<std::size_t>(j)].data() + g * s_.head_dim);
            if (!c_.slopes.empty())
                s -= at(c_.slopes, static_cast<std::size_t>(h)) *
                     static_cast<double>(std::abs(p - j));
            if (!c_.bias.empty()) s += static_cast<double>(c_.bias_at(h, index, j));
            if (s == masked) continue;
            scores.push_back(s);
            const double* const v = values_[static_cast<std::size_t>(j)].data() + g * s_.value_dim;
            values.emplace_back(v, v + s_.value_dim);
        }
        if (s_.extra_key) {
            std::vector<double> key(static_cast<std::size_t>(s_.head_dim)),
                value(static_cast<std::size_t>(s_.value_dim));
            for (std::size_t d = 0; d < key.size(); ++d)
                key[d] = at(c_.weights.extra_key, static_cast<std::size_t>(g * s_.head_dim) + d);
            for (std::size_t v = 0; v < value.size(); ++v)
                value[v] =
                    at(c_.weights.extra_value, static_cast<std::size_t>(g * s_.value_dim) + v);
            scores.push_back(capped_score(query, key.data()));
            values.push_back(value);
        }
        if (c_.zero_key) {
            scores.push_back(0.0);
            values.emplace_back(static_cast<std::size_t>(s_.value_dim), 0.0);
        }
        return weighted_sum(scores, values, h);
    }

    std::vector<double> weighted_sum(const std::vector<double>& scores,
                                     const std::vector<std::vector<double>>& values, int h) const {
        std::vector<double> out(static_cast<std::size_t>(s_.value_dim), 0.0);
        if (scores.empty()) return out;
        double largest = *std::max_element(scores.begin(), scores.end()), sum = 0.0;
        if (!c_.sink_logits.empty()) {
            const double sink = at(c_.sink_logits, static_cast<std::size_t>(h));
            largest = std::max(largest, sink);
            sum = std::exp(sink - largest);
        }
        for (const double s : scores) sum += std::exp(s - largest);
        for (std::size_t j = 0; j < scores.size(); ++j)
            for (std::size_t v = 0; v < out.size(); ++v)
                out[v] += std::exp(scores[j] - largest) / sum * values[j][v];
        return out;
    }

    const LayerCase& c_;
    const Shape& s_;
    std::vector<std::vector<double>> keys_, values_;  // [token][head * width]
};

// The largest difference, as a share of the largest value (of 1 if that is smaller).
inline double relative_error(std::span<const double> want, std::span<const float> got) {
    double error = 0.0, largest = 1.0;
    for (std::size_t i = 0; i < want.size(); ++i) {
        const double difference = std::abs(want[i] - static_cast<double>(got[i]));
        error = std::isnan(difference) ? std::numeric_limits<double>::infinity()
                                       : std::max(error, difference);
        largest = std::max(largest, std::abs(want[i]));
    }
    return error / largest;
}

}  // namespace headroom::test
