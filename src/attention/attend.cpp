// attend(): checks, then tiles of queries, each on its own.
#include "attention/plan.hpp"

namespace headroom::detail {
namespace {

// The queries from `query` on of the heads from `head` on, as many as a tile takes.
void attend_part(Tile& tile, const Plan& plan, Index end_head, Index head, Index query) noexcept {
    const AttendCall& call = plan.call;
    const Part part{head, smaller(plan.tile_heads, end_head - head), query,
                    smaller(plan.tile_queries, call.query.tokens - query)};
    place_rows(tile, call, part, true);
    if (tile.count > 0) attend_tile_on(call.port, tile);
}

// The work of an executor, counted through: batches, key heads, heads of a group, queries.
struct Pieces {
    const Plan& plan;
    Index head_tiles;  // of a group
    Index query_tiles;
};

void attend_piece(void* argument, int index, int worker) noexcept {
    const auto& pieces = *static_cast<const Pieces*>(argument);
    const Plan& plan = pieces.plan;
    const Index tiles = pieces.head_tiles * pieces.query_tiles;
    const Index pair = index / tiles, within = index % tiles;
    const Index batch = pair / plan.kv_heads, kv_head = pair % plan.kv_heads;
    const Index head = kv_head * plan.group;
    Tile tile = tile_of(plan, worker);
    place_source(tile, plan, batch, kv_head);
    attend_part(tile, plan, head + plan.group, head + within / pieces.query_tiles * plan.tile_heads,
                within % pieces.query_tiles * plan.tile_queries);
}

// Not inlined: a small head shall not pay for the frame.
[[gnu::noinline]] void attend_tiles(const AttendCall& call) noexcept {
    const Features& f = call.features;
    // The output may lie over the queries, so whoever looks at weights looks first.
    if (f.observe_weights != nullptr) f.observe_weights(call);
    if (f.observe_statistics != nullptr) f.observe_statistics(call);
    if (call.query.tokens == 0) return;
    if (f.attend_apart != nullptr) return f.attend_apart(call);

    Plan plan(call);
    for (Index batch = 0; batch < call.query.batches; ++batch) {
        for (Index g = 0, head = 0; g < plan.kv_heads; ++g) {
            place_source(plan.tile, plan, batch, g);
            const Index end = (g + 1) * plan.group;
            for (; head < end; head += plan.tile_heads) {
                for (Index query = 0; query < call.query.tokens; query += plan.tile_queries)
                    attend_part(plan.tile, plan, end, head, query);
            }
            head = end;
        }
    }
}

}  // namespace

Result attend(const AttendCall& call) noexcept {
    const Result result = check_call(call);
    if (result.ok()) attend_unchecked(call);
    return result;
}

void attend_unchecked(const AttendCall& call) noexcept {
    const auto attend_small = small_heads(call.port);
    if (attend_small == nullptr || !attend_small(call)) attend_tiles(call);
}

void attend_head(const AttendCall& call, Index batch, Index head) noexcept {
    Plan plan(call);
    place_source(plan.tile, plan, batch, head / plan.group);
    place_rows(plan.tile, call, {head, 1, 0, call.query.tokens}, true);
    attend_tile_on(call.port, plan.tile);
}

void attend_apart(const AttendCall& call) noexcept {
    const Plan plan(call);
    const Index queries = call.query.tokens;
    Pieces pieces{plan, (plan.group + plan.tile_heads - 1) / plan.tile_heads,
                  (queries + plan.tile_queries - 1) / plan.tile_queries};
    const Index tasks = call.query.batches * plan.kv_heads * pieces.head_tiles * pieces.query_tiles;
    run_tasks(call.features.executor, static_cast<int>(tasks), attend_piece, &pieces);
}

}  // namespace headroom::detail
