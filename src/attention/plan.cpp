#include "attention/plan.hpp"

namespace headroom::detail {

std::int64_t keys_of(const Plan& plan, Index batch) noexcept {
    const auto& given = plan.call.how.valid_keys;
    return given.empty() ? plan.source.stored : given[static_cast<std::size_t>(batch)];
}

std::int64_t position_of(const Attention& how, Index batch) noexcept {
    return how.first_positions.empty() ? how.first_position
                                       : how.first_positions[static_cast<std::size_t>(batch)];
}

Visible visible(const Attention& how, std::int64_t position, std::int64_t keys) noexcept {
    constexpr std::int64_t unbounded = std::int64_t{1} << 61;
    const auto least = [](std::int64_t a, std::int64_t b) { return a < b ? a : b; };
    const auto from_zero = [](std::int64_t a) { return a < 0 ? 0 : a; };

    const std::int64_t limit = from_zero(how.causal ? least(keys, position + 1) : keys);
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

Tile lay_out_tile(const Plan& plan, int worker) noexcept {
    const AttendCall& call = plan.call;
    const Index width = call.query.width, n = plan.lanes;
    const std::size_t bytes = tile_bytes(call.query.tokens, call.query.heads, plan.kv_heads, width);
    auto* at =
        reinterpret_cast<float*>(call.scratch.data() + static_cast<std::size_t>(worker) * bytes);
    const auto take = [&at, n](Index rows) {
        float* taken = at;
        at += rows * n;
        return taken;
    };
    Tile tile{};
    tile.queries = take(width);
    tile.scores = take(kBlock);
    tile.sums = take(kLanes);
    tile.maximum = take(1);
    tile.alpha = take(1);
    tile.inverse = take(1);
    tile.low = take(1);
    tile.high = take(1);
    tile.prefix = take(1);
    tile.entropy = take(1);
    tile.rows = reinterpret_cast<TileRow*>(at);
    tile.lanes = static_cast<int>(n);
    tile.key_width = width;
    tile.value_width = plan.value_width;
    tile.scale = plan.scale;
    tile.stored = plan.source.stored;
    tile.lost_begin = plan.source.lost_begin;
    tile.lost_end = plan.source.lost_end;
    tile.features = &call.features;
    const Features& f = call.features;
    tile.steps = f.softcap_step != nullptr || f.alibi_step != nullptr || f.bias_step != nullptr ||
                 f.mask_step != nullptr;
    return tile;
}

void place_rows(Tile& tile, const Plan& plan, Index batch, Index head, Index heads, Index query,
                Index queries, bool write) noexcept {
    const AttendCall& call = plan.call;
    const Features& f = call.features;
    const Index kv_head = head / plan.group;
    tile.batch = batch;
    tile.source = plan.source.first;
    if (plan.source.stored > 0) {  // without keys there need not be memory either
        tile.source.key += batch * plan.source.key_batch + kv_head * plan.source.key_head;
        tile.source.value += batch * plan.source.value_batch + kv_head * plan.source.value_head;
    }
    if (f.extra_key != nullptr) {
        const auto of = [kv_head](std::span<const float> all, Index width) {
            return all.subspan(static_cast<std::size_t>(kv_head * width),
                               static_cast<std::size_t>(width));
        };
        tile.extra = {of(f.extra_key->key, tile.key_width),
                      of(f.extra_key->value, tile.value_width)};
    }

    const std::int64_t keys = keys_of(plan, batch), first = position_of(call.how, batch);
    const bool all_alike =
        !call.how.causal && call.how.window_left < 0 && call.how.window_right < 0;
    tile.hull_prefix = tile.hull_end = 0;
    tile.hull_begin = tile.core_end = largest;
    tile.core_begin = 0;
    Visible v = visible(call.how, first + query, keys);
    TileRow* row = tile.rows;
    for (Index h = head; h < head + heads; ++h) {
        const auto at = static_cast<std::size_t>(h);
        const float* q =
            call.query.data.data() + batch * call.query.batch_stride + h * call.query.head_stride;
        float* out =
            call.out.data.data() + batch * call.out.batch_stride + h * call.out.head_stride;
        if (f.heads != nullptr && !f.heads->keep[at]) {
            for (Index i = query; write && i < query + queries; ++i) {
                for (Index c = 0; c < tile.value_width; ++c)
                    out[i * call.out.token_stride + c] = 0.0f;
            }
            continue;
        }
        const float slope = f.alibi != nullptr ? f.alibi->slopes[at] : 0.0f;
        const float sink = f.sinks != nullptr ? f.sinks->logits[at] : 0.0f;
        TileRow next{q + query * call.query.token_stride,
                     out + query * call.out.token_stride,
                     v.begin,
                     v.end,
                     v.prefix,
                     first + query,
                     h,
                     call.first_query + query,
                     slope,
                     sink};
        for (Index i = 0; i < queries; ++i, ++row) {
            if (!all_alike) {
                v = visible(call.how, next.position, keys);
                next.begin = v.begin;
                next.end = v.end;
                next.prefix = v.prefix;
            }
            *row = next;
            next.query += call.query.token_stride;
            next.out += call.out.token_stride;
            ++next.position;
            ++next.index;
            if (all_alike && row != tile.rows) continue;
            if (v.begin < v.end) {
                tile.hull_begin = v.begin < tile.hull_begin ? v.begin : tile.hull_begin;
                tile.hull_end = v.end > tile.hull_end ? v.end : tile.hull_end;
            }
            tile.hull_prefix = v.prefix > tile.hull_prefix ? v.prefix : tile.hull_prefix;
            tile.core_begin = v.begin > tile.core_begin ? v.begin : tile.core_begin;
            tile.core_end = v.end < tile.core_end ? v.end : tile.core_end;
        }
    }
    if (tile.hull_end == 0) tile.hull_begin = 0;
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

Plan make_plan(const AttendCall& call, const Source& source) noexcept {
    const Index heads = call.query.heads, queries = call.query.tokens;
    const Index kv_heads = call.cache != nullptr ? call.cache->shape().kv_heads : call.key.heads;
    Plan plan{call,    source, kv_heads, heads / kv_heads, call.out.width, scale_of(call), 0, 1,
              queries, 0,      0};
    plan.lanes = static_cast<Index>(tile_lanes(queries, heads, kv_heads));

    // A few queries of many heads share a tile; many queries of one head fill it alone.
    const Index most = static_cast<Index>(tile_rows);
    if (queries < most) {
        plan.tile_heads = most / queries < plan.group ? most / queries : plan.group;
    } else {
        plan.tile_queries = most;
    }
    plan.head_tiles = (plan.group + plan.tile_heads - 1) / plan.tile_heads;
    plan.query_tiles = (queries + plan.tile_queries - 1) / plan.tile_queries;
    return plan;
}

}  // namespace headroom::detail
