// All that the library has: a layer on a ring cache with every feature, rotary embedding in both
// ways, cross-attention, packing, the cache's life, and the operator with every feature.
#include <headroom/headroom.hpp>

namespace {

constexpr headroom::Shape shape{.model_dim = 64,
                                .heads = 8,
                                .kv_heads = 4,
                                .extra_key = true,
                                .rotary_dim = 8,
                                .max_queries = 16,
                                .window = 240,
                                .sinks = 16};
using Layer = headroom::MultiHeadAttention<shape>;

}  // namespace

alignas(64) std::byte arena_state[Layer::state_bytes];
alignas(64) std::byte arena_scratch[Layer::scratch_bytes];
alignas(64) std::byte arena_weights[Layer::weights_bytes];

struct Inputs {
    headroom::LayerTensors tensors;
    headroom::ConstRows x;
    headroom::Rows y;
    headroom::ConstTensor query, key, value;
    headroom::Tensor out;
    headroom::Attention how;
    std::span<std::byte> other_state;
    std::span<const std::int64_t> positions;
    std::span<float> cos, sin;

    headroom::Softcap softcap;
    headroom::Alibi alibi;
    headroom::ScoreBias bias;
    headroom::BoolMask mask;
    headroom::SinkLogits sinks;
    headroom::ExtraKey extra_key;
    headroom::ZeroKey zero_key;
    headroom::HeadMask heads;
    headroom::WeightsCallback weights;
    headroom::Statistics statistics;
    headroom::RotaryTables tables;
    headroom::RotaryComputed computed;
    headroom::Executor executor;
};
extern const Inputs* volatile inputs;
const Inputs* volatile inputs = nullptr;

extern "C" {
[[gnu::noipa]] bool entry_pack(const Inputs& in) {
    return Layer::pack(in.tensors, arena_weights).ok();
}

[[gnu::noipa]] bool entry_open(Layer& layer) {
    return layer.open(headroom::best_port(), arena_weights).ok();
}
[[gnu::noipa]] bool entry_forward(const Layer& layer, const Inputs& in) {
    return layer
        .forward(in.x, in.y, arena_state, arena_scratch, in.how, in.softcap, in.alibi, in.bias,
                 in.mask, in.sinks, in.zero_key, in.heads, in.weights, in.statistics, in.computed,
                 in.executor)
        .ok();
}
[[gnu::noipa]] bool entry_append_context(const Layer& layer, const Inputs& in) {
    return layer.append_context(in.x, in.x, arena_state, arena_scratch, in.tables, in.executor)
        .ok();
}
[[gnu::noipa]] bool entry_attend_context(const Layer& layer, const Inputs& in) {
    return layer
        .attend_context(in.x, in.y, arena_state, arena_scratch, in.how, in.softcap, in.alibi,
                        in.bias, in.mask, in.sinks, in.zero_key, in.heads, in.weights,
                        in.statistics, in.tables, in.executor)
        .ok();
}
[[gnu::noipa]] bool entry_attend(const Inputs& in) {
    return headroom::attend(headroom::best_port(), in.query, in.key, in.value, in.out,
                            arena_scratch, in.how, in.softcap, in.alibi, in.bias, in.mask, in.sinks,
                            in.extra_key, in.zero_key, in.heads, in.weights, in.statistics,
                            in.executor)
        .ok();
}
[[gnu::noipa]] bool entry_attend_cache(const headroom::KvCache& cache, const Inputs& in) {
    return headroom::attend(headroom::best_port(), in.query, cache, in.out, arena_scratch, in.how,
                            in.softcap, in.alibi, in.bias, in.mask, in.sinks, in.extra_key,
                            in.zero_key, in.heads, in.weights, in.statistics, in.executor)
        .ok();
}
[[gnu::noipa]] bool entry_cache(headroom::KvCache& cache, const Inputs& in) {
    headroom::KvCache beam;
    bool done = Layer::cache(arena_state, cache).ok() && Layer::cache(in.other_state, beam).ok();
    done = done && cache.append(in.key, in.value).ok() && cache.copy_from(beam).ok() &&
           cache.truncate(cache.size() - 1).ok();
    if (cache.size() == cache.capacity()) cache.clear();
    return done;
}
[[gnu::noipa]] bool entry_rotate(const Inputs& in) {
    return headroom::rotate(headroom::best_port(), in.query, in.out, in.tables, in.positions).ok();
}
[[gnu::noipa]] bool entry_build_rotary(const Inputs& in) {
    return headroom::build_rotary(in.computed.parameters, 0, in.tables.positions, in.cos, in.sin)
        .ok();
}
[[gnu::noipa]] const char* entry_describe(headroom::Status status) {
    return headroom::describe(status);
}
}

int main() {
    const Inputs& in = *inputs;
    Layer layer;
    headroom::KvCache cache;
    const bool done = entry_pack(in) && entry_open(layer) && entry_forward(layer, in) &&
                      entry_append_context(layer, in) && entry_attend_context(layer, in) &&
                      entry_attend(in) && entry_cache(cache, in) && entry_attend_cache(cache, in) &&
                      entry_rotate(in) && entry_build_rotary(in);
    return entry_describe(done ? headroom::Status::ok : headroom::Status::bad_value)[0];
}
