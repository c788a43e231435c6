// A small valid call of attend(), on tensors or on a cache, and what features point to.
#pragma once

#include <headroom/attention.hpp>

#include "support/bits.hpp"
#include "support/caches.hpp"
#include "support/ports.hpp"

namespace headroom::test {

/// 1 batch, 3 queries, 5 keys, 4 heads on 2, widths 8 and 6.
struct FeatureCall {
    static constexpr AttendShape shape{3, 4, 2, 8, 6};
    float q[3 * 4 * 8], k[5 * 2 * 8], v[5 * 2 * 6], o[3 * 4 * 6 + 8];
    alignas(64) std::byte scratch[scratch_bytes(shape, 2)];
    float four[4] = {0.5f, 0.25f, 0.125f, 1.0f}, extra_key[16] = {}, extra_value[12] = {};
    float bias[4 * 3 * 5] = {};
    bool keep[4] = {true, true, false, true}, mask[4 * 3 * 5] = {};
    HeadStatistics statistics[4];
    Attention how;
    CacheMemory memory{{.kv_heads = 2, .key_width = 8, .value_width = 6, .max_keys = 7}};

    FeatureCall() {
        Random random(63);
        for (std::span<float> part :
             {std::span<float>(q), std::span<float>(k), std::span<float>(v), std::span<float>(o)})
            random.fill(part);
        (void)memory.cache.append(token_major(k, 5, 2, 8), token_major(v, 5, 2, 6));
    }
    Mask<float> biases() { return {bias, 5, 0, 15, 5, 1}; }
    Mask<bool> masks() { return {mask, 5, 0, 15, 5, 1}; }

    template <class... Features>
    Result operator()(const Features&... f) {
        return attend(best_port(), token_major(q, 3, 4, 8), token_major(k, 5, 2, 8),
                      token_major(v, 5, 2, 6), token_major(o, 3, 4, 6), scratch, how, f...);
    }
    template <class... Features>
    Result cached(const Features&... f) {
        return attend(best_port(), token_major(q, 3, 4, 8), memory.cache, token_major(o, 3, 4, 6),
                      scratch, how, f...);
    }
    std::uint64_t hash() const {
        return hash_bytes(std::as_bytes(std::span(o))) ^ (memory.hash() * 3);
    }
};

}  // namespace headroom::test
