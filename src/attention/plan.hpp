// A validated call of attend(), and the tiles that it is cut into.
#pragma once

#include "kernels/kernels.hpp"

#include <headroom/detail/call.hpp>

namespace headroom::detail {

// A call as its tiles need it. What they have in common is laid out once, in `tile`; place_rows()
// fills in the rest. It lies on the stack below every kernel, so nothing is in it twice.
struct Plan {
    explicit Plan(const AttendCall& of) noexcept;

    const AttendCall& call;
    Tile tile;  // worker 0's

    // Keys and values of batch 0, head 0, and floats from one head to the next.
    const float* key;
    const float* value;
    Index key_head;
    Index value_head;

    Index kv_heads;
    Index group;  // query heads of one key head

    // A tile holds tile_heads heads x tile_queries queries.
    Index tile_heads;
    Index tile_queries;
};

// What one tile is about: queries [query, query + queries) of heads [head, head + heads), which
// share a key head.
struct Part {
    Index head;
    Index heads;
    Index query;
    Index queries;
};

// The tile of a worker, in its own part of the scratch.
Tile tile_of(const Plan& plan, int worker) noexcept;

// The keys and values of one head, for the tiles that follow.
void place_source(Tile& tile, const Plan& plan, Index batch, Index kv_head) noexcept;

// A row of a tensor. Only rows that are there have an address: a stride that is not used may be of
// any size.
template <class T>
T* element(const BasicTensor<T>& t, Index batch, Index token, Index head) noexcept {
    return t.data.data() + batch * t.batch_stride + token * t.token_stride + head * t.head_stride;
}

// Fills the rows of a tile. Pruned heads are left out; the outputs of a pruned head become +0 if
// `write`.
void place_rows(Tile& tile, const AttendCall& call, const Part& part, bool write) noexcept;

// One head of a call, as a tile of its own: for the ways of small heads where they decline it. A
// function of its own, since a plan takes as much stack as all that they have themselves.
void attend_head(const AttendCall& call, Index batch, Index head) noexcept;

// Whether a feature changes scores; masks only hide them.
inline bool steps_but_masks(const Features& f) noexcept {
    return f.softcap_step != nullptr || f.alibi_step != nullptr || f.bias_step != nullptr;
}

// Workers that need scratch. An executor that cannot run is refused later, by its own check.
inline int workers_of(const Executor* executor) noexcept {
    const bool runs = executor != nullptr && executor->run != nullptr && executor->workers > 0;
    return runs ? executor->workers : 1;
}

// Runs task(argument, index, worker) for every index, here or on the caller's executor.
void run_tasks(const Executor* executor, int tasks,
               void (*task)(void* argument, int index, int worker), void* argument) noexcept;

// Query heads of one key head. As a rule there is nothing to divide.
inline Index group_of(Index heads, Index kv_heads) noexcept {
    return heads == kv_heads ? 1 : heads / kv_heads;
}

// The position of a sequence's query 0.
std::int64_t position_of(const Attention& how, Index batch) noexcept;

// The keys that a query at `position` sees, masks aside.
struct Visible {
    std::int64_t begin, end, prefix;
};
Visible visible(const Attention& how, std::int64_t position, std::int64_t keys) noexcept;

// The factor of the scores: the caller's, or 1 / sqrt(width).
float scale_of(const AttendCall& call) noexcept;

// 1 / sqrt(width), rounded once. What comes here has scratch for its width, which is therefore
// below 2^36: such a row has 256 GB.
float inverse_square_root(Index width) noexcept;

CacheTokens tokens_of(const KvCache& cache) noexcept;

// The keys and values of an open cache.
void place_cache(const KvCache& cache, Plan& plan) noexcept;
bool place_one(const KvCache& cache, OneTask& task) noexcept;  // false: it is a ring

// Everything that is refused is refused here; what follows a check cannot fail.
Result check_call(const AttendCall& call) noexcept;
Status check_how(const Attention& how, Index batches, std::int64_t keys) noexcept;
Status check_ring(const AttendCall& call) noexcept;
Status check_features(const AttendCall& call, int& argument) noexcept;

}  // namespace headroom::detail
