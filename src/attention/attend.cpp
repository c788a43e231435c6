// attend(): checks, then tiles of queries, each on its own.
#include "attention/plan.hpp"

namespace headroom::detail {
namespace {

void attend_part(Tile& tile, const Plan& plan, Part part) noexcept {
    part.heads = smaller(plan.tile_heads, (part.kv_head + 1) * plan.group - part.head);
    part.queries = smaller(plan.tile_queries, plan.call.query.tokens - part.query);
    place_rows(tile, plan, part, true);
    if (tile.count > 0) attend_tile_on(plan.call.port, tile);
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
    const Index head = kv_head * plan.group + within / pieces.query_tiles * plan.tile_heads;
    Tile tile = tile_of(plan, worker);
    attend_part(tile, plan,
                {batch, kv_head, head, 0, within % pieces.query_tiles * plan.tile_queries, 0});
}

}  // namespace

Result attend(const AttendCall& call) noexcept {
    if (const Result r = check_call(call); !r.ok()) return r;
    attend_unchecked(call);
    return {};
}

void attend_unchecked(const AttendCall& call) noexcept {
    const Features& f = call.features;
    if (const auto attend_small = small_heads(call.port);
        attend_small != nullptr && attend_small(call))
        return;
    // The output may lie over the queries, so whoever looks at weights looks first.
    if (f.observe_weights != nullptr) f.observe_weights(call);
    if (f.observe_statistics != nullptr) f.observe_statistics(call);
    if (call.query.tokens == 0) return;
    if (f.attend_apart != nullptr) return f.attend_apart(call);

    Plan plan(call);
    for (Index batch = 0; batch < call.query.batches; ++batch) {
        for (Index g = 0; g < plan.kv_heads; ++g) {
            const Index end = (g + 1) * plan.group;
            for (Index head = g * plan.group; head < end; head += plan.tile_heads) {
                for (Index query = 0; query < call.query.tokens; query += plan.tile_queries)
                    attend_part(plan.tile, plan, {batch, g, head, 0, query, 0});
            }
        }
    }
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
