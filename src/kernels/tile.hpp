// A tile: up to 48 rows, each one query of one head, that attend to the same keys and values
// together.
//
//   scratch of one worker          floats
//   queries   [key_width][lanes]   queries in the lanes: column r is row r, scaled by nothing
//             [rows][key_width]    keys in the lanes: row after row
//   scores    [128][lanes]         queries in the lanes: row j is key j of the block
//             [rows][128]          keys in the lanes
//   sums      [16][lanes]          row k is virtual lane k of every row's sum (keys k mod 16)
//             [rows][16]           keys in the lanes
//   maximum, alpha, inverse, low, high, prefix, entropy   [lanes] each
//   rows      [lanes] TileRow
#pragma once

#include <cstdint>

#include <headroom/detail/call.hpp>
#include <headroom/detail/sizes.hpp>

#include "kernels/lanes.hpp"

namespace headroom::detail {

// One query of one head. It sees keys j with begin <= j < end or j < prefix, less what masks hide.
struct TileRow {
    const float* query;
    float* out;
    std::int64_t begin;
    std::int64_t end;
    std::int64_t prefix;
    std::int64_t position;
    Index head;
    Index index;  // of the query in the caller's call
    float slope;
    float sink;
};

// The keys and values of one head, as rows of a tensor or as the panels of a cache.
struct KeyValues {
    const float* key;
    const float* value;
    Index key_stride;    // rows: floats between keys
    Index value_stride;  // floats between values
    bool panels;
    Storage storage;  // panels: where panel P of the sequence is stored
};

// Consecutive keys that lie evenly in memory: key i, dimension c is key[i * key_step + c *
// dim_step].
struct KeyRun {
    const float* key;
    Index key_step;
    Index dim_step;
    Index count;
};

struct ValueRun {
    const float* value;
    Index count;
};

// A block's scores: row first_row + i, key first_key + j is data[i * row_stride + j * key_stride],
// for i < rows and begin <= j < end. One of the two strides is 1.
struct Scores {
    float* data;
    Index row_stride;
    Index key_stride;
    int first_row;
    int rows;
    std::int64_t first_key;
    int begin;
    int end;
    // Queries in the lanes, and the step is the only one, on keys that every row sees: maxima to
    // grow, so that nobody need go through the scores again. Otherwise null.
    float* maximum = nullptr;
};

// Who is shown scores or weights; outputs are not computed then.
struct Observer {
    const AttendCall& call;
    Stage stage;
    void (*observe)(const Tile& tile, const Scores& scores) noexcept;  // a block
    std::int64_t lost_begin, lost_end;  // the keys that a ring has overwritten
};

// When finish_tile() is called on a tile whose queries are in the lanes: what joins the softmax and
// has no value can be in the sums before the last block's values are added. Else it joins later.
enum class Join : std::uint8_t { before_last_values, after_values, done };

struct Tile {
    TileRow* rows;
    int count;
    int lanes;  // at least count, whole vectors of 16: the stride of everything [..][lanes]
    Index key_width;
    Index value_width;
    float scale;
    KeyValues source;
    std::int64_t stored;  // keys, seen or not

    float* queries;
    float* scores;
    float* sums;
    float* maximum;
    float* alpha;
    float* inverse;
    float* low;
    float* high;
    float* prefix;
    float* entropy;

    // What all rows share: the hull of what they see, and what every one of them sees.
    std::int64_t hull_prefix, hull_begin, hull_end;
    std::int64_t core_begin, core_end;

    Index batch;
    Index kv_head;
    const Features* features;
    const Observer* observer;  // observe_tile() only, else null
    bool steps;                // whether a feature changes or masks scores
    bool queries_in_lanes;     // how queries, scores and sums lie; the kernel decides
    Join join;                 // where joins_early<L>; the kernel sets it
};

static_assert(sizeof(TileRow) <= 72, "tile_bytes() reserves 72 bytes for a row");

// n mod d for d < 2^40. Positions have 64 bits, but few sequences need them, and a small processor
// would bring a division of 64 bits as a function of its own: the bits above 32 go one by one.
[[gnu::noinline]] static std::int64_t remainder_of_large(std::int64_t n, std::int64_t d) noexcept {
    std::int64_t rest = 0;
    for (int bit = 62; bit >= 0; --bit) {
        rest = rest * 2 + (n >> bit & 1);
        if (rest >= d) rest -= d;
    }
    return rest;
}
HEADROOM_INLINE std::int64_t remainder_of(std::int64_t n, std::int64_t d) noexcept {
    if (n < d) return n;
    if ((n | d) >> 32 != 0) return remainder_of_large(n, d);
    return static_cast<std::uint32_t>(n) % static_cast<std::uint32_t>(d);
}

static inline Index slot_panel(const Storage& storage, std::int64_t panel) noexcept {
    return static_cast<Index>(
        panel < storage.fixed ? panel
                              : storage.fixed + remainder_of(panel - storage.fixed, storage.ring));
}

HEADROOM_INLINE Index smaller(Index a, Index b) noexcept { return a < b ? a : b; }
HEADROOM_INLINE Index larger(Index a, Index b) noexcept { return a > b ? a : b; }

// The keys from `key` on that lie evenly, at most `most`.
HEADROOM_INLINE KeyRun key_run(const KeyValues& from, Index key_width, std::int64_t key,
                               Index most) noexcept {
    if (!from.panels)
        return {from.key + static_cast<Index>(key) * from.key_stride, from.key_stride, 1, most};
    const std::int64_t panel = key / kLanes;
    const Index slot = slot_panel(from.storage, panel), group = slot / group_panels;
    const Index group_first = group * group_panels;
    const Index in_group =
        smaller(group_panels, static_cast<Index>(from.storage.panels()) - group_first);
    // Panels side by side in memory are neighbours in the sequence until the fixed part or the ring
    // ends.
    Index panels = in_group - (slot - group_first);
    if (slot < from.storage.fixed)
        panels = smaller(panels, static_cast<Index>(from.storage.fixed) - slot);
    const Index lane = static_cast<Index>(key % kLanes);
    return {from.key + (group_first * key_width + (slot - group_first)) * kLanes + lane, 1,
            in_group * kLanes, smaller(most, panels * kLanes - lane)};
}

HEADROOM_INLINE ValueRun value_run(const KeyValues& from, std::int64_t key, Index most) noexcept {
    if (!from.panels) return {from.value + static_cast<Index>(key) * from.value_stride, most};
    const Index slot = slot_panel(from.storage, key / kLanes),
                lane = static_cast<Index>(key % kLanes);
    const Index last = slot < from.storage.fixed ? static_cast<Index>(from.storage.fixed)
                                                 : static_cast<Index>(from.storage.panels());
    return {from.value + (slot * kLanes + lane) * from.value_stride,
            smaller(most, (last - slot) * kLanes - lane)};
}

// A key's place in its block, 0 ... 128.
static inline int place_in_block(std::int64_t key, std::int64_t first_key) noexcept {
    const std::int64_t j = key - first_key;
    if (static_cast<std::uint64_t>(j) <= kBlock) return static_cast<int>(j);
    return j < 0 ? 0 : kBlock;
}

// The part of the block at `first_key` that some row of the tile sees, as a hull: [begin, end).
struct BlockRange {
    int begin;
    int end;
    bool empty() const noexcept { return begin >= end; }
};

HEADROOM_INLINE BlockRange block_range(std::int64_t first_key, std::int64_t prefix,
                                       std::int64_t begin, std::int64_t end) noexcept {
    const int head = prefix > 0 ? place_in_block(prefix, first_key) : 0;
    const int from = place_in_block(begin, first_key), to = place_in_block(end, first_key);
    if (from >= to) return {0, head};
    return {head > 0 ? 0 : from, to > head ? to : head};
}

// The first block after `first_key` that some row sees; hull_end or more if there is none.
HEADROOM_INLINE std::int64_t next_block(const Tile& tile, std::int64_t first_key) noexcept {
    const std::int64_t next = first_key + kBlock;
    return next < tile.hull_prefix || next > tile.hull_begin
               ? next
               : tile.hull_begin & -std::int64_t{kBlock};
}
HEADROOM_INLINE std::int64_t first_block(const Tile& tile) noexcept {
    return tile.hull_prefix > 0 ? 0 : tile.hull_begin & -std::int64_t{kBlock};
}
HEADROOM_INLINE std::int64_t last_key(const Tile& tile) noexcept {
    return tile.hull_end > tile.hull_prefix ? tile.hull_end : tile.hull_prefix;
}

// An empty hull is [0, 0).
HEADROOM_INLINE bool sees_nothing(const Tile& tile) noexcept { return last_key(tile) == 0; }

}  // namespace headroom::detail
