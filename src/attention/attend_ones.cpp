// One query of a head that sees every key, the newest token's as a rule: with few keys a plan and
// its rows would take as long as the attention. In a file of its own, so that it is linked with the
// ports that have the kernel for it only.
#include "attention/memory.hpp"
#include "attention/plan.hpp"

namespace headroom::detail {
namespace {

// Whether every head of queries has keys of its own, all of which its one query sees, and no
// feature takes part. Where the output lies over the queries a head could not be done once more.
bool is_one(const AttendCall& call, const OneTask& task, Index kv_heads) noexcept {
    const Attention& how = call.how;
    const Features& f = call.features;
    const bool all =
        !how.causal || (how.first_positions.empty() && how.first_position >= task.keys - 1);
    return all && task.keys > 0 && task.value_width % kLanes == 0 && call.query.heads == kv_heads &&
           how.window_left < 0 && how.window_right < 0 && how.valid_keys.empty() && f.count == 0 &&
           f.finish_tile == nullptr && !overlap(range_of(call.out.data), range_of(call.query.data));
}

// Every head of a call with one query; false, and nothing is done, if it is not one for it.
[[gnu::noinline]] bool attend_heads(const AttendCall& call) noexcept {
    const ConstTensor& q = call.query;
    const Tensor& out = call.out;
    OneTask task;
    task.key_width = q.width;
    task.value_width = out.width;
    Index kv_heads = call.key.heads, key_head = call.key.head_stride,
          value_head = call.value.head_stride;
    if (call.cache != nullptr) {
        kv_heads = call.cache->shape().kv_heads;
        if (!place_one(*call.cache, task)) return false;
        key_head = task.panels * kLanes * task.key_width;
        value_head = task.panels * kLanes * task.value_width;
    } else {
        task.panels = 0;
        task.keys = call.key.tokens;
        task.key_stride = call.key.token_stride;
        task.value_stride = call.value.token_stride;
        task.key = call.key.data.data();
        task.value = call.value.data.data();
    }
    if (!is_one(call, task, kv_heads)) return false;
    task.scale = scale_of(call);
    task.scratch = reinterpret_cast<float*>(call.scratch.data());
    const float *key = task.key, *value = task.value;
    for (Index b = 0; b < q.batches; ++b) {
        task.query = element(q, b, 0, 0);
        task.key = key + b * call.key.batch_stride;
        task.value = value + b * call.value.batch_stride;
        task.out = element(out, b, 0, 0);
        for (Index h = 0;;) {
            if (!attend_one_on(call.port, task)) attend_head(call, b, h);
            if (++h == kv_heads) break;  // behind the last head there need not be an address
            task.query += q.head_stride;
            task.key += key_head;
            task.value += value_head;
            task.out += out.head_stride;
        }
    }
    return true;
}

}  // namespace

// Apart, so that a longer call does not pay for the frame.
bool attend_ones(const AttendCall& call) noexcept {
    return call.query.tokens == 1 && attend_heads(call);
}

}  // namespace headroom::detail
