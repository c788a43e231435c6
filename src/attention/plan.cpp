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
    if (v.begin >= v.end) v.begin = v.end = 0;
    if (v.prefix >= v.begin) {  // the first tokens reach into the window: one interval
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
    plan.key_batch = k.batch_stride;
    plan.value_head = v.head_stride;
    plan.value_batch = v.batch_stride;
    plan.kv_heads = k.heads;
    Tile& tile = plan.tile;
    tile.source.key_stride = k.token_stride;
    tile.source.value_stride = v.token_stride;
    tile.source.panels = false;
    tile.stored = k.tokens;
    tile.lost_begin = tile.lost_end = 0;
}

}  // namespace

Plan::Plan(const AttendCall& of) noexcept : call(of) {
    if (of.cache != nullptr) {
        place_cache(*of.cache, *this);
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
    tile.steps = f.softcap_step != nullptr || f.alibi_step != nullptr || f.bias_step != nullptr ||
                 f.mask_step != nullptr;
    tile.queries_in_lanes = false;
    tile.observer = nullptr;
    tile.observe = nullptr;
    tile.stage = Stage::softmax;
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

namespace {

void place_source(Tile& tile, const Plan& plan, const Part& part) noexcept {
    tile.source.key = plan.key;
    tile.source.value = plan.value;
    const Index g = part.kv_head;
    if (tile.stored > 0) {  // without keys there need not be memory either
        tile.source.key += part.batch * plan.key_batch + g * plan.key_head;
        tile.source.value += part.batch * plan.value_batch + g * plan.value_head;
    }
    if (const ExtraKey* extra = plan.call.features.extra_key; extra != nullptr) {
        const auto of = [g](std::span<const float> all, Index width) {
            return all.subspan(static_cast<std::size_t>(g * width),
                               static_cast<std::size_t>(width));
        };
        tile.extra = {of(extra->key, tile.key_width), of(extra->value, tile.value_width)};
    }
}

// What all rows share, once row `v` is one of them.
void join_hull(Tile& tile, const Visible& v, bool first) noexcept {
    if (first) {
        tile.hull_prefix = v.prefix;
        tile.hull_begin = tile.core_begin = v.begin;
        tile.hull_end = tile.core_end = v.end;
        return;
    }
    if (v.begin < v.end) {
        const bool none = tile.hull_end == 0;
        if (none || v.begin < tile.hull_begin) tile.hull_begin = v.begin;
        if (v.end > tile.hull_end) tile.hull_end = v.end;
    }
    if (v.prefix > tile.hull_prefix) tile.hull_prefix = v.prefix;
    if (v.begin > tile.core_begin) tile.core_begin = v.begin;
    if (v.end < tile.core_end) tile.core_end = v.end;
}

void zero_head(const Plan& plan, const Part& part, float* out) noexcept {
    for (Index i = 0; i < part.queries; ++i, out += plan.call.out.token_stride) {
        for (Index c = 0; c < plan.tile.value_width; ++c) out[c] = 0.0f;
    }
}

}  // namespace

void place_rows(Tile& tile, const Plan& plan, const Part& part, bool write) noexcept {
    const AttendCall& call = plan.call;
    const Attention& how = call.how;
    const Features& f = call.features;
    const ConstTensor& q = call.query;
    const Tensor& o = call.out;
    tile.batch = part.batch;
    place_source(tile, plan, part);

    const auto batch = static_cast<std::size_t>(part.batch);
    const std::int64_t keys = how.valid_keys.empty() ? tile.stored : how.valid_keys[batch];
    const std::int64_t first = position_of(how, part.batch) + part.query;
    const bool all_alike = !how.causal && how.window_left < 0 && how.window_right < 0;
    Visible v = visible(how, first, keys);
    join_hull(tile, v, true);
    const Index index = call.first_query + part.query;
    TileRow* row = tile.rows;
    for (Index h = part.head; h < part.head + part.heads; ++h) {
        const auto at = static_cast<std::size_t>(h);
        float* out = o.data.data() + part.batch * o.batch_stride + h * o.head_stride +
                     part.query * o.token_stride;
        if (f.heads != nullptr && !f.heads->keep[at]) {
            if (write) zero_head(plan, part, out);
            continue;
        }
        const float* query = q.data.data() + part.batch * q.batch_stride + h * q.head_stride +
                             part.query * q.token_stride;
        const float slope = f.alibi != nullptr ? f.alibi->slopes[at] : 0.0f;
        const float sink = f.sinks != nullptr ? f.sinks->logits[at] : 0.0f;
        const bool first_head = row == tile.rows;
        for (Index i = 0; i < part.queries; ++i, ++row) {
            if (!first_head) {  // the heads of a tile see the same
                const TileRow& same = row[-part.queries];
                v = {same.begin, same.end, same.prefix};
            } else if (i > 0 && !all_alike) {
                v = visible(how, first + i, keys);
                join_hull(tile, v, false);
            }
            *row = {query, out, v.begin, v.end, v.prefix, first + i, h, index + i, slope, sink};
            query += q.token_stride;
            out += o.token_stride;
        }
    }
    tile.count = static_cast<int>(row - tile.rows);
}

void run_tasks(const Executor* executor, int tasks,
               void (*task)(void* argument, int index, int worker), void* argument) noexcept {
    if (executor != nullptr && executor->run != nullptr) {
        executor->run(executor->context, tasks, task, argument);
        return;
    }
    for (int i = 0; i < tasks; ++i) task(argument, i, 0);
}

float scale_of(const AttendCall& call) noexcept {
    if (call.how.scale != 0.0f) return call.how.scale;
    // Most widths are 16, 64 or 256, whose roots need no iteration.
    switch (call.query.width) {
        case 16:
            return 0.25f;
        case 64:
            return 0.125f;
        case 256:
            return 0.0625f;
        default:
            return inverse_square_root(call.query.width);
    }
}

}  // namespace headroom::detail
