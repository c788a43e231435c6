// A validated call of attend(), and the tiles that it is cut into.
#pragma once

#include "kernels/kernels.hpp"

#include <headroom/detail/call.hpp>

namespace headroom::detail {

// Where keys and values are, whether they come as tensors or as a cache.
struct Source {
    KeyValues first;  // of batch 0, head 0
    Index key_head;   // floats from one head's keys to the next head's
    Index key_batch;
    Index value_head;
    Index value_batch;
    std::int64_t stored;                        // keys
    std::int64_t lost_begin = 0, lost_end = 0;  // of a ring: tokens that have been overwritten
};

struct Plan {
    const AttendCall& call;
    Source source;
    Index kv_heads;
    Index group;  // query heads of one key head
    Index value_width;
    float scale;
    Index lanes;  // of every tile's scratch

    // A tile holds tile_heads heads x tile_queries queries.
    Index tile_heads;
    Index tile_queries;
    Index head_tiles;  // of a group
    Index query_tiles;
    Index tiles() const noexcept { return head_tiles * query_tiles; }  // of one key head
};

// Lays a worker's tile out in its scratch.
Tile lay_out_tile(const Plan& plan, int worker) noexcept;

// Fills the rows of a tile: queries [query, query + queries) of heads [head, head + heads) of a
// batch. Pruned heads are left out; the outputs of a pruned head become +0 if `write`.
void place_rows(Tile& tile, const Plan& plan, Index batch, Index head, Index heads, Index query,
                Index queries, bool write) noexcept;

// Workers that need scratch. An executor that cannot run is refused later, by its own check.
inline int workers_of(const Executor* executor) noexcept {
    const bool runs = executor != nullptr && executor->run != nullptr && executor->workers > 0;
    return runs ? executor->workers : 1;
}

// Runs task(argument, index, worker) for every index, here or on the caller's executor.
void run_tasks(const Executor* executor, int tasks,
               void (*task)(void* argument, int index, int worker), void* argument) noexcept;

// A sequence's number of keys and the position of its query 0.
std::int64_t keys_of(const Plan& plan, Index batch) noexcept;
std::int64_t position_of(const Attention& how, Index batch) noexcept;

// The keys that a query at `position` sees, masks aside.
struct Visible {
    std::int64_t begin, end, prefix;
};
Visible visible(const Attention& how, std::int64_t position, std::int64_t keys) noexcept;

// The factor of the scores: the caller's, or 1 / sqrt(width).
float scale_of(const AttendCall& call) noexcept;

// 1 / sqrt(width), rounded once from double precision.
float inverse_square_root(Index width) noexcept;

// The keys and values of an open cache.
Source cache_source(const KvCache& cache) noexcept;

// Everything that is refused is refused here; what follows a check cannot fail.
Result check_call(const AttendCall& call) noexcept;
Status check_how(const Attention& how, Index batches, std::int64_t keys) noexcept;
Status check_ring(const AttendCall& call, const Source& source) noexcept;
Status check_features(const AttendCall& call, int& argument) noexcept;
Source source_of(const AttendCall& call) noexcept;
Plan make_plan(const AttendCall& call, const Source& source) noexcept;

}  // namespace headroom::detail
