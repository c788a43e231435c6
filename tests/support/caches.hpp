// A KvCache with its memory, and moving a problem's keys and values into it.
#pragma once

#include <memory>

#include <headroom/kv_cache.hpp>

#include "support/bits.hpp"
#include "support/memory.hpp"
#include "support/problem.hpp"

namespace headroom::test {

struct CacheMemory {
    Arena arena;
    KvCache cache;

    explicit CacheMemory(const CacheShape& shape) : arena(state_bytes(shape), 0, 0) {
        opened = cache.open(shape, arena.span()).ok();
    }
    bool opened = false;
    std::uint64_t hash() const { return hash_bytes(cache.state()); }
};

/// Tokens [first, first + count) of one sequence's tensor.
inline ConstTensor piece(const Field& field, Index first, Index count) {
    ConstTensor tensor = field.view();
    if (count > 0)
        tensor.data = tensor.data.subspan(static_cast<std::size_t>(first * tensor.token_stride));
    tensor.tokens = count;
    return tensor;
}

inline Result append(KvCache& cache, const Problem& p, Index first, Index count) {
    return cache.append(piece(p.key, first, count), piece(p.value, first, count));
}

inline CacheShape cache_shape_of(const Sizes& s, std::int64_t capacity) {
    return {.kv_heads = static_cast<int>(s.kv_heads),
            .key_width = static_cast<int>(s.key_width),
            .value_width = static_cast<int>(s.value_width),
            .max_keys = capacity};
}

}  // namespace headroom::test
