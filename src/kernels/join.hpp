// The end of a row: what joins after the last block. A learned sink logit, then the extra key, then
// the zero key, each a softmax term of its own; then the division by the sum.
//
//   s > m:  alpha = exp(m - s), l = fma(l, alpha, 1), out *= alpha, m = s
//   else:   p = exp(s - m),     l = fma(l, 1, p)
//   out = fma(p, value, out)         the extra key only: the others attend to nothing
#pragma once

#include "kernels/attend_exact.hpp"

namespace headroom::detail {

struct JoinedTerms {
    float scores[3];
    int count = 0;
    int extra = -1;  // which of them is the extra key
};

template <class L>
HEADROOM_INLINE JoinedTerms joined_terms(const Tile& tile, int r) noexcept {
    const Features& f = *tile.features;
    JoinedTerms terms;
    if (f.sinks != nullptr) terms.scores[terms.count++] = tile.rows[r].sink;
    if (f.extra_key != nullptr) {
        alignas(64) float s[kLanes] = {};
        const float* key = f.extra_key->key.data() + tile.kv_head * tile.key_width;
        s[0] = dot_exact<L>(tile, tile.queries_in_lanes, r, {key, 0, 1, 1});
        if (f.softcap_step != nullptr) f.softcap_step(tile, {s, kLanes, 1, r, 1, 0, 0, 1});
        terms.extra = terms.count;
        terms.scores[terms.count++] = s[0] < kLowest ? kLowest : s[0];
    }
    if (f.zero_key) terms.scores[terms.count++] = 0.0f;
    return terms;
}

// While observing there is no output: inverse, alpha (the sum) and entropy (of the joined terms)
// are what is wanted.
template <class L>
[[gnu::noinline]] bool join_rows(const Tile& tile) noexcept {
    const bool observing = tile.observer != nullptr;
    bool poisoned = false;
    for (int r = 0; r < tile.count; ++r) {
        float lanes[kLanes];
        for (int k = 0; k < kLanes; ++k) {
            lanes[k] = tile.sums[tile.queries_in_lanes ? k * tile.lanes + r : r * kLanes + k];
        }
        const float keys = folded(lanes);
        float total = keys, maximum = tile.maximum[r];
        float* out = tile.rows[r].out;
        const JoinedTerms terms = joined_terms<L>(tile, r);
        for (int i = 0; i < terms.count; ++i) {
            const float s = terms.scores[i];
            float alpha = 1.0f, p = 1.0f;
            if (s > maximum) {
                alpha = exp_scalar<L>(maximum - s);
                if (!observing) scale_exact<L>(tile, out, alpha);
                maximum = s;
            } else {
                p = exp_scalar<L>(s - maximum);
            }
            total = mul_add_one<L>(total, alpha, p);
            if (i == terms.extra && !observing) {
                const float* values = tile.features->extra_key->value.data();
                add_value_exact<L>(tile, out, p, values + tile.kv_head * tile.value_width);
            }
        }
        tile.maximum[r] = maximum;
        const float inverse = inverse_of_sum(total);
        if (observing) {
            tile.inverse[r] = inverse;
            tile.alpha[r] = keys == 0.0f ? 0.0f : total;  // a row without keys is not counted
            float entropy = 0.0f;
            for (int i = 0; i < terms.count; ++i) {
                const float x = terms.scores[i] - maximum, p = exp_scalar<L>(x);
                if (!(p == 0.0f)) entropy = mul_add_one<L>(p, x, entropy);
            }
            tile.entropy[r] = entropy;
            continue;
        }
        scale_exact<L>(tile, out, inverse);
        for (Index c = 0; c < tile.value_width; ++c) {
            out[c] = out[c] + 0.0f;
            poisoned |= out[c] != out[c];
        }
    }
    return poisoned;
}

}  // namespace headroom::detail
