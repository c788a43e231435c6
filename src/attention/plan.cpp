#include "attention/plan.hpp"

namespace headroom::detail {

std::int64_t position_of(const Attention& how, Index batch) noexcept {
    return how.first_positions.empty() ? how.first_position
                                       : how.first_positions[static_cast<std::size_t>(batch)];
}

Visible visible(const Attention& how, std::int64_t position, std::int64_t keys) noexcept {
    constexpr std::int64_t unbounded = std::int64_t{1} << 61;
    const auto least = [](std::int64_t a, std::int64_t b) { return a < b ? a : b; };
    const auto from_zero = [](std::int64_t a) { return a < 0 ? 0 : a; };

    const std::int64_t limit = from_zero(how.causal ? least(keys, position + 1) : keys);
    // Without a window the first tokens are seen anyway.
    if (how.window_left < 0 && how.window_right < 0) return {0, limit, 0};
    Visible v{0, limit, least(how.sink_tokens, limit)};
    if (how.window_right >= 0 && how.window_right < unbounded) {
        v.end = from_zero(least(limit, position + how.window_right + 1));
    }
    if (how.window_left >= 0 && how.window_left < unbounded)
        v.begin = from_zero(position - how.window_left);
    if (v.begin >= v.end) {
        // The first tokens do not become an interval: other rows of the tile may be years away from
        // them, in a ring, and an interval is walked from end to end.
        v.begin = v.end = 0;
    } else if (v.prefix >= v.begin) {  // the first tokens reach into the window: one interval
        v.end = v.end > v.prefix ? v.end : v.prefix;
        v.begin = v.prefix = 0;
    }
    return v;
}

namespace {

// Lays a tile out in the scratch of one worker (drawn in tile.hpp).
void lay_out(Tile& tile, std::byte* scratch) noexcept {
    const Index n = tile.lanes;
    tile.queries = reinterpret_cast<float*>(scratch);
    tile.scores = tile.queries + tile.key_width * n;
    tile.sums = tile.scores + kBlock * n;
    tile.maximum = tile.sums + kLanes * n;
    tile.alpha = tile.maximum + n;
    tile.inverse = tile.alpha + n;
    tile.low = tile.inverse + n;
    tile.high = tile.low + n;
    tile.prefix = tile.high + n;
    tile.entropy = tile.prefix + n;
    tile.rows = reinterpret_cast<TileRow*>(tile.entropy + n);
}

void place_tensors(const AttendCall& call, Plan& plan) noexcept {
    const ConstTensor &k = call.key, &v = call.value;
    plan.key = k.data.data();
    plan.value = v.data.data();
    plan.key_head = k.head_stride;
    plan.value_head = v.head_stride;
    plan.kv_heads = k.heads;
    Tile& tile = plan.tile;
    tile.source.key_stride = k.token_stride;
    tile.source.value_stride = v.token_stride;
    tile.source.panels = false;
    tile.stored = k.tokens;
}

}  // namespace

Plan::Plan(const AttendCall& of) noexcept : call(of) {
    if (of.cache != nullptr) {
        of.cache.code().place(*of.cache, *this);
    } else {
        place_tensors(of, *this);
    }
    const Index queries = of.query.tokens;
    group = group_of(of.query.heads, kv_heads);
    const Features& f = of.features;
    tile.lanes = static_cast<int>(lanes_of(queries, group));
    tile.key_width = of.query.width;
    tile.value_width = of.out.width;
    tile.scale = scale_of(of);
    tile.features = &f;
    tile.steps = f.mask_step != nullptr || steps_but_masks(f);
    tile.queries_in_lanes = false;
    tile.observer = nullptr;
    lay_out(tile, of.scratch.data());

    // A few queries of many heads share a tile; many queries of one head fill it alone.
    const Index most = static_cast<Index>(tile_rows);
    tile_heads = group;
    tile_queries = smaller(queries, most);
    if (group > 1) tile_heads = queries < most ? smaller(most / queries, group) : 1;
}

Tile tile_of(const Plan& plan, int worker) noexcept {
    const AttendCall& call = plan.call;
    Tile tile = plan.tile;
    const std::size_t bytes =
        tile_bytes(call.query.tokens, call.query.heads, plan.kv_heads, tile.key_width);
    lay_out(tile, call.scratch.data() + static_cast<std::size_t>(worker) * bytes);
    return tile;
}

void place_source(Tile& tile, const Plan& plan, Index batch, Index kv_head) noexcept {
    tile.batch = batch;
    tile.kv_head = kv_head;
    tile.source.key = plan.key;
    tile.source.value = plan.value;
    if (tile.stored == 0) return;  // without keys there need not be memory either
    // A cache has one batch.
    tile.source.key += batch * plan.call.key.batch_stride + kv_head * plan.key_head;
    tile.source.value += batch * plan.call.value.batch_stride + kv_head * plan.value_head;
}

namespace {

// What all rows share, once `row` is one of them; the `first` starts it.
void join_hull(Tile& tile, const TileRow& row, bool first) noexcept {
    if (first) {
        tile.hull_prefix = row.prefix;
        tile.hull_begin = tile.core_begin = row.begin;
        tile.hull_end = tile.core_end = row.end;
        return;
    }
    if (row.begin < row.end) {
        if (tile.hull_end == 0 || row.begin < tile.hull_begin) tile.hull_begin = row.begin;
        if (row.end > tile.hull_end) tile.hull_end = row.end;
    }
    if (row.prefix > tile.hull_prefix) tile.hull_prefix = row.prefix;
    if (row.begin > tile.core_begin) tile.core_begin = row.begin;
    if (row.end < tile.core_end) tile.core_end = row.end;
}

void see(TileRow& row, const Attention& how, std::int64_t keys) noexcept {
    const Visible v = visible(how, row.position, keys);
    row.begin = v.begin;
    row.end = v.end;
    row.prefix = v.prefix;
}

void zero_head(const Tensor& out, const Part& part, Index batch, Index head) noexcept {
    for (Index i = 0; i < part.queries; ++i) {
        float* row = element(out, batch, part.query + i, head);
        for (Index c = 0; c < out.width; ++c) row[c] = 0.0f;
    }
}

// The queries of one head. `alike` rows before each is one that sees the same; 0: there is none.
// `narrow`, if there is one, lets a mask narrow what rows see, until one has holes.
void place_head(Tile& tile, const AttendCall& call, const Part& part, Index head, Index alike,
                NarrowRow narrow) noexcept {
    const Attention& how = call.how;
    const Features& f = call.features;
    const auto at = static_cast<std::size_t>(head), batch = static_cast<std::size_t>(tile.batch);
    // In registers: a row that is copied from the one before, just written, waits for its stores.
    TileRow row;
    row.query = element(call.query, tile.batch, part.query, head);
    row.out = element(call.out, tile.batch, part.query, head);
    row.position = position_of(how, tile.batch) + part.query;
    row.head = head;
    row.index = call.first_query + part.query;
    row.slope = f.alibi != nullptr ? f.alibi->slopes[at] : 0.0f;
    row.sink = f.sinks != nullptr ? f.sinks->logits[at] : 0.0f;
    TileRow* to = tile.rows + tile.count;
    for (Index left = part.queries;; ++to) {
        const bool first = to == tile.rows, fresh = alike == 0 || first;
        if (fresh) {
            see(row, how, how.valid_keys.empty() ? tile.stored : how.valid_keys[batch]);
        } else {
            const TileRow& same = to[-alike];
            row.begin = same.begin;
            row.end = same.end;
            row.prefix = same.prefix;
        }
        *to = row;
        if (fresh) {
            if (narrow != nullptr && !tile.steps) {
                tile.steps = narrow(tile, *to);
                row.begin = to->begin;
                row.end = to->end;
            }
            join_hull(tile, row, first);
        }
        if (--left == 0) break;
        row.query += call.query.token_stride;
        row.out += call.out.token_stride;
        ++row.position;
        ++row.index;
    }
    tile.count += static_cast<int>(part.queries);
}

}  // namespace

void place_rows(Tile& tile, const AttendCall& call, const Part& part, bool write) noexcept {
    const Attention& how = call.how;
    const Features& f = call.features;
    const HeadMask* mask = f.heads;
    bool all_alike = !how.causal && how.window_left < 0 && how.window_right < 0;
    const NarrowRow narrow = steps_but_masks(f) ? nullptr : f.narrow_row;
    if (narrow != nullptr) {
        tile.steps = false;
        const Mask<bool>& visible = f.mask->visible;
        all_alike = all_alike && (visible.head_stride | visible.query_stride) == 0;
    }
    tile.count = 0;
    for (Index h = part.head; h < part.head + part.heads; ++h) {
        if (mask == nullptr || mask->keep[static_cast<std::size_t>(h)]) {
            // Masks aside, the heads of a tile see the same.
            const Index alike = all_alike                             ? 1
                                : tile.count > 0 && narrow == nullptr ? part.queries
                                                                      : 0;
            place_head(tile, call, part, h, alike, narrow);
        } else if (write) {
            zero_head(call.out, part, tile.batch, h);
        }
    }
}

void run_tasks(const Executor* executor, int tasks,
               void (*task)(void* argument, int index, int worker), void* argument) noexcept {
    if (executor != nullptr && executor->run != nullptr) {
        executor->run(executor->context, tasks, task, argument);
        return;
    }
    for (int i = 0; i < tasks; ++i) task(argument, i, 0);
}

// Digit by digit, in integers: double precision would be software on a Cortex-M4, and 2 KB of it.
// With 4^a the first power of 4 that is not below the width, `root` is the integer part of
// 2^(a + i) / sqrt(width) after step i, and `rest` is 4^(a + i) - width root^2. A tie cannot be:
// the root is irrational, or a power of two.
float inverse_square_root(Index width) noexcept {
    const auto n = static_cast<std::uint64_t>(width);
    const int a = n > 1 ? (65 - __builtin_clzll(n - 1)) / 2 : 0;
    std::uint64_t root = 1, rest = (std::uint64_t{1} << (2 * a)) - n;
    for (int i = 0; i < 24; ++i) {
        const std::uint64_t step = n * (4 * root + 1);
        const bool digit = 4 * rest >= step;
        rest = 4 * rest - (digit ? step : 0);
        root = 2 * root + (digit ? 1 : 0);
    }
    const auto rounded = static_cast<std::uint32_t>((root + 1) / 2);
    const auto exponent = static_cast<std::uint32_t>(127 - 23 - a);
    return static_cast<float>(rounded) * __builtin_bit_cast(float, exponent << 23);
}

float scale_of(const AttendCall& call) noexcept {
    if (call.how.scale != 0.0f) return call.how.scale;
    const auto width = static_cast<unsigned long>(call.query.width);
    if ((width & (width - 1)) != 0) return inverse_square_root(call.query.width);
    // Most widths are powers of two, whose roots are one of two numbers, scaled.
    const int exponent = __builtin_ctzl(width);
    const float root = exponent % 2 != 0 ? 0x1.6a09e6p-1f : 1.0f;
    return __builtin_bit_cast(float, __builtin_bit_cast(std::uint32_t, root) -
                                         (static_cast<std::uint32_t>(exponent / 2) << 23));
}

}  // namespace headroom::detail
