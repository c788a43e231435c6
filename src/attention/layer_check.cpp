// What a layer refuses, before anything is written.
#include "attention/layer_call.hpp"

namespace headroom::detail {
namespace {

Result about(Status status, int argument) noexcept {
    return {status, static_cast<std::uint8_t>(status == Status::ok ? 0 : argument)};
}

// Rows of the given width; `written` rows must not overlap each other.
Status check_tokens(const ConstRows& rows, Index width, bool written, Range& range) noexcept {
    if (const Status s = check_tensor(as_tensor(rows), range); s != Status::ok) return s;
    const bool apart = !written || rows.rows < 2 || rows.stride >= rows.width;
    return rows.width == width && apart ? Status::ok : Status::bad_shape;
}

// What the call touches besides its arenas; each range is worked out once.
struct LayerRanges {
    Range all[6];  // x, y, keys, values, weights, valid_keys
};

// What may lie where y does: its tokens stand in place of x, or apart from it.
Status check_written(const LayerCall& call, LayerUse use, const LayerRanges& memory) noexcept {
    const auto& [x, y, keys, values, weights, valid_keys] = memory.all;
    const bool ignored = use == LayerUse::forward;  // the cache says where its tokens stand
    if (overlap(y, valid_keys) || (!ignored && overlap(y, range_of(call.how.first_positions))))
        return Status::overlap;
    if (overlap(y, weights)) return Status::overlap;
    const bool in_place =
        call.y.data.data() == call.x.data.data() && call.y.stride == call.x.stride;
    const bool apart = in_place ? call.shape.output_dim <= call.shape.model_dim
                                : !overlap(y, x) || !shares(as_tensor(call.y), as_tensor(call.x));
    return apart ? Status::ok : Status::overlap;
}

Status check_tokens_of(const LayerCall& call, LayerUse use, LayerRanges& memory,
                       int& argument) noexcept {
    auto& [x, y, keys, values, weights, valid_keys] = memory.all;
    weights = range_of(call.layer.weights, call.layout->weights.bytes);
    valid_keys = range_of(call.how.valid_keys);
    keys = touched(as_tensor(call.keys));
    values = touched(as_tensor(call.values));
    const Shape& s = call.shape;
    argument = 1;
    if (use == LayerUse::append) {
        if (const Status status = check_tokens(call.keys, s.key_source_dim, false, keys);
            status != Status::ok)
            return status;
        if (s.window > 0 && call.keys.rows > s.max_queries) return Status::bad_shape;
        argument = 2;
        if (const Status status = check_tokens(call.values, s.value_source_dim, false, values);
            status != Status::ok)
            return status;
        return call.values.rows == call.keys.rows ? Status::ok : Status::bad_shape;
    }
    if (const Status status = check_tokens(call.x, s.model_dim, false, x); status != Status::ok)
        return status;
    const bool self = s.key_source_dim == s.model_dim && s.value_source_dim == s.model_dim;
    if (use == LayerUse::forward && !self) return Status::bad_shape;
    argument = 2;
    if (const Status status = check_tokens(call.y, s.output_dim, true, y); status != Status::ok)
        return status;
    if (call.y.rows != call.x.rows) return Status::bad_shape;
    return check_written(call, use, memory);
}

// Whether an arena meets what the call reads or writes elsewhere.
bool meets(const LayerRanges& memory, const Range& arena) noexcept {
    bool any = false;
    for (const Range& range : memory.all) any |= overlap(arena, range);
    return any;
}

Status check_state(const LayerCall& call, LayerUse use, const LayerRanges& memory,
                   KvCache& cache) noexcept {
    const Result opened = cache.open(cache_shape(call.shape), call.state);
    // What it holds counts only if it is no one else's memory.
    if (!opened.ok() && opened.status != Status::bad_state) return opened.status;
    if (meets(memory, range_of(call.state))) return Status::overlap;
    if (!opened.ok()) return opened.status;
    const Index more = use == LayerUse::append    ? call.keys.rows
                       : use == LayerUse::forward ? call.x.rows
                                                  : 0;
    return more > cache.capacity() - cache.size() ? Status::cache_full : Status::ok;
}

Status check_scratch(const LayerCall& call, const LayerRanges& memory) noexcept {
    // The executor decides how much scratch there must be, so its own check comes first.
    const LayerLayout& layout = *call.layout;
    const auto workers = static_cast<std::size_t>(workers_of(call.features.executor));
    const std::size_t bytes = plus(layout.scratch, times(workers, layout.tile));
    if (bytes == 0) return Status::bad_shape;  // too many workers
    if (const Status s = check_arena(call.scratch, bytes); s != Status::ok) return s;
    const Range scratch = range_of(call.scratch);
    return meets(memory, scratch) || overlap(scratch, range_of(call.state)) ? Status::overlap
                                                                            : Status::ok;
}

// A ring holds what a window's queries see, so the window must be stated, and no wider.
Status check_ring_how(const LayerCall& call, LayerUse use, const KvCache& cache) noexcept {
    const Shape& s = call.shape;
    if (s.window == 0) return Status::ok;
    const Attention& how = call.how;
    if (use == LayerUse::forward) {
        const bool fits = how.causal && how.window_left >= 0 && how.window_left < s.window &&
                          how.sink_tokens <= s.sinks;
        return fits ? Status::ok : Status::bad_value;
    }
    const ConstTensor queries{{}, 1, call.x.rows};
    const Tensor no_output;
    const AttendCall probe{*call.layer.port, queries, no_tensor, no_tensor,  &cache,
                           no_output,        {},      how,       no_features};
    return check_ring(probe);
}

// The features' checks look at an attend() call: the layer's own tokens stand for its queries and
// outputs.
Status check_layer_features(const LayerCall& call, const KvCache& cache, std::int64_t more_keys,
                            int& argument) noexcept {
    if (call.shape.extra_key && call.features.extra_key != nullptr) {  // the weights have it
        argument = call.features.extra_key_argument;
        return Status::bad_value;
    }
    const Index heads = call.shape.heads;
    const ConstTensor queries{call.x.data,  1, call.x.rows,   heads,
                              call.x.width, 0, call.x.stride, 0};
    const Tensor out{call.y.data, 1, call.y.rows, heads, call.y.width, 0, call.y.stride, 0};
    AttendCall probe{*call.layer.port, queries,  no_tensor,    no_tensor, &cache, out,
                     call.scratch,     call.how, call.features};
    probe.more_keys = more_keys;
    probe.weights = {call.layer.weights, call.layout->weights.bytes};
    return check_features(probe, argument);
}

void lay_out(const LayerCall& call, LayerMemory& m) noexcept {
    const Shape& s = call.shape;
    m.layout = &call.layout->weights;
    m.blob = call.layer.weights;
    m.projected_width = call.layout->projected_width;
    m.key_column = m.layout->query.panel_count * kLanes;
    m.value_column = m.key_column + m.layout->key.panel_count * kLanes;
    const auto n = static_cast<std::size_t>(s.max_queries),
               rotary = static_cast<std::size_t>(s.rotary_dim);
    std::byte* at = call.scratch.data();
    m.projected = reinterpret_cast<float*>(at);
    at += floats(n * static_cast<std::size_t>(m.projected_width));
    m.heads = reinterpret_cast<float*>(at);
    at += floats(n * static_cast<std::size_t>(m.layout->output.inputs));
    m.cos = reinterpret_cast<float*>(at);
    m.sin = m.cos + n * (rotary / 2);
    m.frequencies = reinterpret_cast<double*>(m.cos + n * rotary);
    at += rotary > 0 ? floats((n + 1) * rotary) : 0;
    m.tiles = call.scratch.subspan(static_cast<std::size_t>(at - call.scratch.data()));
}

}  // namespace

Result prepare(const LayerCall& call, LayerUse use, LayerMemory& m) noexcept {
    if (call.layer.port == nullptr) return about(Status::not_open, 0);
    if (call.shape.extra_key && call.features.finish_tile == nullptr && use != LayerUse::append) {
        return about(Status::not_open, 0);  // bind_extra_key() was forgotten
    }
    int argument = 0;
    LayerRanges memory{};
    if (const Status s = check_tokens_of(call, use, memory, argument); s != Status::ok)
        return about(s, argument);
    if (const Status s = check_state(call, use, memory, m.cache); s != Status::ok)
        return about(s, 3);
    if (const Status s = check_scratch(call, memory); s != Status::ok) return about(s, 4);

    const std::int64_t more = use == LayerUse::forward ? call.x.rows : 0, before = m.cache.size();
    if (use != LayerUse::append) {
        Attention how = call.how;
        if (use == LayerUse::forward) {  // the cache says where the tokens stand
            how.first_position = 0;
            how.first_positions = {};
        }
        if (const Status s = check_how(how, 1, before + more); s != Status::ok) return about(s, 5);
        if (const Status s = check_ring_how(call, use, m.cache); s != Status::ok)
            return about(s, 5);
    }
    if (const Status s = check_layer_features(call, m.cache, more, argument); s != Status::ok)
        return about(s, argument);
    if (call.features.check_rotary != nullptr) {
        const std::int64_t position = use == LayerUse::attend ? position_of(call.how, 0) : before;
        const Index tokens = use == LayerUse::append ? call.keys.rows : call.x.rows;
        const Status s = call.features.check_rotary(call, position, tokens);
        if (s != Status::ok) return about(s, call.features.rotary_argument);
    }
    lay_out(call, m);
    return {};
}

void observe_nothing(const LayerCall& call) noexcept {
    if (call.features.statistics == nullptr) return;
    for (HeadStatistics& head : call.features.statistics->heads) head = {};
}

}  // namespace headroom::detail
