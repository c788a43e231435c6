// The oracle for meaning: attention of one row in double precision, step by step as the
// declarations say, with a bound of what float may lose. No tiles, no blocks, no online softmax.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "support/index.hpp"
#include "support/problem.hpp"

namespace headroom::test {

struct Row {
    std::vector<double> raw, capped, biased, weight;  // [keys]; biased is -inf where masked
    std::vector<double> out;                          // [value_width]
    double entropy = 0.0;       // in nats, of all weights including sinks and extra keys
    double score_error = 0.0;   // the most that a float score may be off
    double weight_error = 0.0;  // the most that a weight may be off, in proportion to it
    double tolerance = 0.0;     // the most that a float output may be off
    bool sees = false;          // a key of the sequence
};

/// Whether lengths, causality and windows let query i see key j; masks come on top.
inline bool in_reach(const Problem& p, Index b, Index i, std::int64_t j) {
    const std::int64_t position = p.position(b, i);
    const Attention& a = p.how;
    if (j >= p.length(b) || (a.causal && j > position)) return false;
    const bool left = a.window_left < 0 || position - j <= a.window_left;
    const bool right = a.window_right < 0 || j - position <= a.window_right;
    return j < a.sink_tokens || (left && right);
}

inline bool visible(const Problem& p, Index b, Index h, Index i, std::int64_t j) {
    if (!in_reach(p, b, i, j)) return false;
    if (p.mask && (j >= p.mask->visible.keys || !p.mask_field.at(b, h, i, index_of(j))))
        return false;
    return !p.bias || (j < p.bias->values.keys && p.bias_field.at(b, h, i, index_of(j)) !=
                                                      -std::numeric_limits<float>::infinity());
}

inline Row reference_row(const Problem& p, Index b, Index h, Index i) {
    constexpr double u = 0x1p-24, none = -std::numeric_limits<double>::infinity();
    const Sizes& s = p.sizes;
    const Index g = p.kv_head(h);
    const double scale =
        p.how.scale != 0 ? double{p.how.scale} : 1.0 / std::sqrt(static_cast<double>(s.key_width));
    Row row;
    row.out.assign(static_cast<std::size_t>(s.value_width), 0.0);

    // Scores, and for each the magnitude of what was added up: its rounding error is in proportion.
    double magnitude = 0.0;
    const auto score = [&](auto key_element) {
        double dot = 0.0, size = 0.0;
        for (Index c = 0; c < s.key_width; ++c) {
            const double term = double{p.query.at(b, i, h, c)} * double{key_element(c)};
            dot += term;
            size += std::abs(term);
        }
        magnitude = std::max(magnitude, size * std::abs(scale));
        return dot * scale;
    };
    const auto cap = [&](double x) {
        return p.softcap ? p.softcap->cap * std::tanh(x / p.softcap->cap) : x;
    };
    for (Index j = 0; j < s.keys; ++j) {
        row.raw.push_back(score([&](Index c) { return p.key.at(b, j, g, c); }));
        row.capped.push_back(cap(row.raw.back()));
        double x = row.capped.back();
        const bool sees = visible(p, b, h, i, j);
        if (p.alibi) {
            const double distance = static_cast<double>(std::abs(p.position(b, i) - j));
            const double bias = -p.slopes[h] * std::min(distance, 0x1p23);
            x += bias;
            if (sees) magnitude = std::max(magnitude, std::abs(bias) + std::abs(x));
        }
        if (p.bias && sees) {
            x += p.bias_field.at(b, h, i, index_of(j));
            const double bias = std::abs(double{p.bias_field.at(b, h, i, index_of(j))});
            magnitude = std::max(magnitude, bias + std::abs(x));
        }
        row.biased.push_back(sees ? std::max(x, -double{std::numeric_limits<float>::max()}) : none);
        row.sees |= sees;
    }
    row.score_error = (static_cast<double>(s.key_width) + 12.0) * u * magnitude;

    const double sink = p.sinks ? double{p.sink_logits[h]} : none;
    const auto extra_element = [&](Index c) { return p.extra_key[g * s.key_width + c]; };
    const double extra = p.extra ? cap(score(extra_element)) : none;
    const double zero = p.zero ? 0.0 : none;
    double largest = std::max({sink, extra, zero});
    for (const double x : row.biased) largest = std::max(largest, x);

    row.weight.assign(static_cast<std::size_t>(s.keys), 0.0);
    const bool pruned = p.heads && !p.kept_heads[h];
    if (largest == none || pruned) return row;
    double sum = 0.0;
    for (const double x : row.biased) sum += std::exp(x - largest);
    for (const double x : {sink, extra, zero}) sum += std::exp(x - largest);

    const auto take = [&](double x) {  // a weight, and its part of the entropy
        const double w = std::exp(x - largest) / sum;
        row.entropy -= w > 0 ? w * std::log(w) : 0.0;
        return w;
    };
    double largest_value = 0.0, mass = 0.0;
    std::transform(row.biased.begin(), row.biased.end(), row.weight.begin(), take);
    const double extra_weight = take(extra);
    take(sink);
    take(zero);
    for (Index c = 0; c < s.value_width; ++c) {
        double out = 0.0, column = 0.0;
        const auto add = [&](double w, float v) {
            out += w * v;
            column += w * std::abs(v);
            if (w > 0) largest_value = std::max(largest_value, double{std::abs(v)});
        };
        for (Index j = 0; j < s.keys; ++j) {
            const auto at = static_cast<std::size_t>(j);
            if (row.biased[at] != none) add(row.weight[at], p.value.at(b, j, g, c));
        }
        if (p.extra) add(extra_weight, p.extra_value[g * s.value_width + c]);
        row.out[static_cast<std::size_t>(c)] = out;
        mass = std::max(mass, column);
    }
    // First-order bound. A weight is off by the score's error, by rounding s - m (|s - m| <= 40
    // where it counts), by exp and by a rescaling for each block; numerator and denominator both,
    // so twice; then one rounding for each term of both sums. Weights below e^-40 are dropped:
    // 2^-57 of the values each.
    const double n = static_cast<double>(s.keys) + 3.0;
    const double one_weight = row.score_error + (40.0 + 4.0 + 3.0 * n / 128.0) * u;
    row.weight_error = 2.0 * one_weight + (2.0 * n + 8.0) * u;
    row.tolerance = mass * row.weight_error + n * 0x1p-57 * largest_value + 1e-36;
    return row;
}

}  // namespace headroom::test
