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
    if (tile.count > 0) attend_tile_on(plan.call.port, tile);
}

// Whether every head is 16 queries that all see 16 keys, widths 16, and no feature takes part.
bool is_sixteen(const AttendCall& call) noexcept {
    const Attention& how = call.how;
    const Features& f = call.features;
    return has_sixteen(call.port) && call.query.tokens == kLanes && call.key.tokens == kLanes &&
           call.query.width == kLanes && call.out.width == kLanes && call.cache == nullptr &&
           !how.causal && how.window_left < 0 && how.window_right < 0 && how.valid_keys.empty() &&
           f.count == 0 && f.finish_tile == nullptr;
}

void attend_sixteens(const AttendCall& call) noexcept {
    const ConstTensor &q = call.query, &k = call.key, &v = call.value;
    const Tensor& out = call.out;
    SixteenTask task{nullptr,        nullptr,
                     nullptr,        nullptr,
                     q.token_stride, k.token_stride,
                     v.token_stride, out.token_stride,
                     scale_of(call), reinterpret_cast<float*>(call.scratch.data())};
    const Index group = k.heads == q.heads ? 1 : q.heads / k.heads;
    for (Index b = 0; b < q.batches; ++b) {
        task.query = q.data.data() + b * q.batch_stride;
        task.key = k.data.data() + b * k.batch_stride;
        task.value = v.data.data() + b * v.batch_stride;
        task.out = out.data.data() + b * out.batch_stride;
        for (Index h = 0, member = 0; h < q.heads; ++h) {
            if (!attend_sixteen_on(call.port, task)) {
                const Plan plan = make_plan(call, source_of(call));
                Tile tile = lay_out_tile(plan, 0);
                place_rows(tile, plan, b, h, 1, 0, kLanes, true);
                attend_tile_on(call.port, tile);
            }
            task.query += q.head_stride;
            task.out += out.head_stride;
            if (++member < group) continue;
            member = 0;
            task.key += k.head_stride;
            task.value += v.head_stride;
        }
    }
}

}  // namespace

Result attend(const AttendCall& call) noexcept {
    if (const Result r = check_call(call); !r.ok()) return r;
    attend_unchecked(call);
    return {};
}

void attend_unchecked(const AttendCall& call) noexcept {
    if (is_sixteen(call)) return attend_sixteens(call);
    // The output may lie over the queries, so whoever looks at weights looks first.
    const Features& f = call.features;
    if (f.observe_weights != nullptr) f.observe_weights(call);
    if (f.observe_statistics != nullptr) f.observe_statistics(call);
    if (call.query.tokens == 0) return;

    Plan plan = make_plan(call, source_of(call));
    const Index tasks = call.query.batches * plan.kv_heads * plan.tiles();
    run_tasks(f.executor, static_cast<int>(tasks), attend_one_tile, &plan);
}

}  // namespace headroom::detail
