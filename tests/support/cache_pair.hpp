// A cache and its model, which live the same life.
#pragma once

#include <cstdint>

#include <doctest.h>

#include <headroom/kv_cache.hpp>

#include "support/cache_model.hpp"
#include "support/memory.hpp"

namespace headroom::test {

// A real cache beside its model.
struct CachePair {
    explicit CachePair(const CacheShape& s) : shape(s), state(state_bytes(s), 0, 0), model(s) {
        REQUIRE(cache.open(shape, state.span()).status == Status::ok);
    }
    Result append(std::int64_t tokens, Random& random) {
        for (std::int64_t t = 0; t < tokens; ++t) model.append(random);
        const auto [keys, values] = model.newest(tokens, random);
        return cache.append(keys.view(), values.view());
    }
    void clear() {
        cache.clear();
        model.clear();
    }

    CacheShape shape;
    Arena state;
    KvCache cache;
    CacheModel model;
};

}  // namespace headroom::test
