// A cache as a plain list of tokens with the documented rules, to compare the real one with.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "support/index.hpp"
#include "support/layer_support.hpp"

namespace headroom::test {

// Tokens with their elements, as [token_major] tensors of one token each.
class CacheModel {
public:
    explicit CacheModel(const CacheShape& shape) : s_(shape), layout_(shape) {}

    // Appends one random token to the list and returns it: keys of all heads, then values of all
    // heads.
    const std::vector<float>& append(Random& random) {
        const auto count = static_cast<std::size_t>(s_.kv_heads * (s_.key_width + s_.value_width));
        tokens_.push_back({normals(random, count), true});
        // A ring gives the newcomer the slot of the token one turn before.
        const std::int64_t token = size() - 1, before = token - (layout_.slots - layout_.fixed);
        if (token >= layout_.fixed && before >= layout_.fixed)
            tokens_[static_cast<std::size_t>(before)].stored = false;
        return tokens_.back().elements;
    }
    void truncate(std::int64_t tokens) { tokens_.resize(static_cast<std::size_t>(tokens)); }
    void clear() { tokens_.clear(); }

    std::int64_t size() const { return static_cast<std::int64_t>(tokens_.size()); }

    // Whether the slot of a token has not been given to a later one, even one that was taken back
    // again.
    bool stored(std::int64_t token) const {
        return tokens_[static_cast<std::size_t>(token)].stored;
    }

    // Whether everything that a query at position `tokens` would see is still there.
    bool may_truncate(std::int64_t tokens) const {
        if (tokens < 0 || tokens > size()) return false;
        if (s_.window == 0) return true;
        for (std::int64_t j = 0; j < tokens; ++j) {
            const bool seen = j < s_.sinks || j > tokens - s_.window;
            if (seen && !stored(j)) return false;
        }
        return true;
    }

    // Whether a state holds every token of the list that still has its slot, and the right number
    // of them.
    bool matches(const KvCache& cache) const {
        if (cache.size() != size()) return false;
        for (std::int64_t p = 0; p < size(); ++p) {
            if (!stored(p)) continue;
            const std::vector<float>& token = tokens_[static_cast<std::size_t>(p)].elements;
            std::size_t i = 0;
            for (std::int64_t h = 0; h < s_.kv_heads; ++h)
                for (std::int64_t c = 0; c < s_.key_width; ++c)
                    if (bits_of(layout_.key(cache.state(), h, p, c)) != bits_of(token[i++]))
                        return false;
            for (std::int64_t h = 0; h < s_.kv_heads; ++h)
                for (std::int64_t c = 0; c < s_.value_width; ++c)
                    if (bits_of(layout_.value(cache.state(), h, p, c)) != bits_of(token[i++]))
                        return false;
        }
        return true;
    }

    // The newest `count` tokens as tensors of any layout.
    std::pair<Field, Field> newest(std::int64_t count, Random& random) const {
        const Field keys = Field::random(random, 1, index_of(count), s_.kv_heads, s_.key_width);
        const Field values = Field::random(random, 1, index_of(count), s_.kv_heads, s_.value_width);
        for (Index t = 0; t < count; ++t) {
            const std::vector<float>& token =
                tokens_[static_cast<std::size_t>(size() - count + t)].elements;
            auto from = token.begin();
            for (Index h = 0; h < s_.kv_heads; ++h, from += s_.key_width)
                std::copy_n(from, s_.key_width, keys.row(0, t, h).begin());
            for (Index h = 0; h < s_.kv_heads; ++h, from += s_.value_width)
                std::copy_n(from, s_.value_width, values.row(0, t, h).begin());
        }
        return {keys.copy(), values.copy()};
    }

private:
    struct Token {
        std::vector<float> elements;
        bool stored;
    };
    CacheShape s_;
    CacheLayout layout_;
    std::vector<Token> tokens_;
};

inline CacheShape random_cache_shape(bool ring, Random& random) {
    const auto pick = [&](int low, int high) {
        return static_cast<int>(random.between(low, high));
    };
    CacheShape s{.kv_heads = pick(1, 3), .key_width = pick(1, 9), .value_width = pick(1, 9)};
    s.max_keys = pick(1, 200);
    if (ring) {
        s.window = pick(1, 60);
        s.sinks = random.chance(0.5) ? 0 : pick(1, 40);
        s.max_queries = pick(1, 30);
    }
    return s;
}

}  // namespace headroom::test
