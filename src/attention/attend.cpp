// attend(): checks, then tiles of queries, each on its own.
#include "attention/plan.hpp"

namespace headroom::detail {
namespace {

void attend_one_tile(void* argument, int index, int worker) noexcept {
    const Plan& plan = *static_cast<const Plan*>(argument);
    const Index tiles = plan.tiles(), pair = index / tiles, within = index % tiles;
    const Index batch = pair / plan.kv_heads, kv_head = pair % plan.kv_heads;
    const Index first = within / plan.query_tiles * plan.tile_heads;
    const Index query = within % plan.query_tiles * plan.tile_queries;
    const Index heads = smaller(plan.tile_heads, plan.group - first);
    const Index queries = smaller(plan.tile_queries, plan.call.query.tokens - query);

    Tile tile = lay_out_tile(plan, worker);
    place_rows(tile, plan, batch, kv_head * plan.group + first, heads, query, queries, true);
    if (tile.count > 0) plan.call.port.kernels->attend_tile(tile);
}

}  // namespace

Result attend(AttendCall& call) noexcept {
    if (const Result r = check_call(call); !r.ok()) return r;
    attend_unchecked(call);
    return {};
}

void attend_unchecked(AttendCall& call) noexcept {
    const Source source = source_of(call);
    // The output may lie over the queries, so whoever looks at weights looks first.
    const Features& f = call.features;
    if (f.observe_weights != nullptr) f.observe_weights(call);
    if (f.observe_statistics != nullptr) f.observe_statistics(call);
    if (call.query.tokens == 0) return;

    Plan plan = make_plan(call, source);
    const Index tasks = call.query.batches * plan.kv_heads * plan.tiles();
    run_tasks(f.executor, static_cast<int>(tasks), attend_one_tile, &plan);
}

}  // namespace headroom::detail
