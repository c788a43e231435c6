// The layer: projections, rotary embedding and the cache around attend().
//
//   scratch   projected  [max_queries][queries | keys | values], each in whole panels
//             heads      [max_queries][heads * value_dim]
//             rotary     cos, sin [max_queries][rotary_dim / 2], frequencies; if the shape has them
//             tiles      tile_bytes() for each worker
//
// A call longer than max_queries runs in slices. All keys are appended before the first slice
// attends, except in a ring, where slices append and attend in turn: its queries see nothing later
// than themselves.
#include <headroom/detail/layer.hpp>

#include "attention/layer_call.hpp"

namespace headroom::detail {
namespace {

struct Slice {
    Index first;
    Index rows;
};

// Projects rows of a source into `to`; panels [first, first + count) of the matrix, spread over the
// executor.
struct ProjectionTask {
    const Port* port;
    Projection whole;
    Index groups_each;
};

void project_groups(void* argument, int index, int) noexcept {
    const auto& task = *static_cast<const ProjectionTask*>(argument);
    Projection part = task.whole;
    const Index skip = index * task.groups_each * group_panels;
    part.first_panel += skip;
    part.panel_count = smaller(part.panel_count - skip, task.groups_each * group_panels);
    part.y += skip * kLanes;
    part.outputs = smaller(part.outputs - skip * kLanes, part.panel_count * kLanes);
    project_on(*task.port, part);
}

void project(const LayerCall& call, const Projection& whole) noexcept {
    const Executor* executor = call.features.executor;
    if (executor == nullptr) return project_on(*call.layer.port, whole);
    const Index groups = (whole.panel_count + group_panels - 1) / group_panels;
    const Index workers = executor->workers;
    ProjectionTask task{call.layer.port, whole, (groups + workers - 1) / workers};
    const Index tasks = (groups + task.groups_each - 1) / task.groups_each;
    run_tasks(executor, static_cast<int>(tasks), project_groups, &task);
}

// Rows [slice) of `from`, times panels [first, first + count) of the matrix that `of` is part of,
// into column `column` of the projected rows. Writes whole panels.
void project_input(const LayerCall& call, const LayerMemory& m, const ConstRows& from, Slice slice,
                   const Projected& of, Index first, Index count, Index column) noexcept {
    project(call, {from.data.data() + slice.first * from.stride, from.stride, slice.rows, of.inputs,
                   m.weights(of.panels), m.weights(of.bias), of.all_panels, first, count,
                   m.projected + column, m.projected_width, count * kLanes, nullptr, 0});
}

bool same_source(const ConstRows& a, const ConstRows& b) noexcept {
    return a.data.data() == b.data.data() && a.stride == b.stride;
}

void project_keys_and_values(const LayerCall& call, const LayerMemory& m, Slice slice) noexcept {
    const Projected &k = m.layout->key, &v = m.layout->value;
    if (k.panels == v.panels && same_source(call.keys, call.values)) {
        project_input(call, m, call.keys, slice, k, k.first_panel, k.panel_count + v.panel_count,
                      m.key_column);
        return;
    }
    project_input(call, m, call.keys, slice, k, k.first_panel, k.panel_count, m.key_column);
    project_input(call, m, call.values, slice, v, v.first_panel, v.panel_count, m.value_column);
}

// Only the panels that hold a head which is kept.
void project_queries(const LayerCall& call, const LayerMemory& m, Slice slice) noexcept {
    const Projected& q = m.layout->query;
    const HeadMask* mask = call.features.heads;
    if (mask == nullptr) {
        project_input(call, m, call.x, slice, q, q.first_panel, q.panel_count, 0);
        return;
    }
    const Index width = call.shape.head_dim;
    for (Index done = 0, h = 0; h < call.shape.heads; ++h) {
        if (!mask->keep[static_cast<std::size_t>(h)]) continue;
        const Index first = larger(done, h * width / kLanes),
                    last = ((h + 1) * width + kLanes - 1) / kLanes;
        if (first < last)
            project_input(call, m, call.x, slice, q, q.first_panel + first, last - first,
                          first * kLanes);
        done = larger(done, last);
    }
}

// Everything at once: one pass over the tokens feeds all three projections.
void project_all(const LayerCall& call, const LayerMemory& m, Slice slice) noexcept {
    const Projected &q = m.layout->query, &k = m.layout->key, &v = m.layout->value;
    if (q.panels == k.panels && k.panels == v.panels && call.features.heads == nullptr) {
        project_input(call, m, call.x, slice, q, 0, q.all_panels, 0);
        return;
    }
    project_queries(call, m, slice);
    project_keys_and_values(call, m, slice);
}

void rotate(const LayerCall& call, const LayerMemory& m, std::int64_t position, Index rows,
            Index column, Index heads) noexcept {
    const LayerFeatures& f = call.features;
    if (f.rotate == nullptr) return;
    const float *cos = m.cos, *sin = m.sin;
    RotaryPairs pairs = RotaryPairs::halves;
    Index dim = 0;
    if (f.tables != nullptr) {
        dim = f.tables->dim;
        pairs = f.tables->pairs;
        cos = f.tables->cos.data() + static_cast<Index>(position) * (dim / 2);
        sin = f.tables->sin.data() + static_cast<Index>(position) * (dim / 2);
    } else {
        dim = f.computed->parameters.dim;
        pairs = f.computed->pairs;
        f.compute_rotary(f.computed->parameters, position, rows, m.cos, m.sin, m.frequencies);
    }
    f.rotate(*call.layer.port, m.projected + column, rows, m.projected_width, heads,
             call.shape.head_dim, dim, pairs, cos, sin);
}

// Rotates the projected keys of a slice and appends them with their values.
void append(const LayerCall& call, LayerMemory& m, Index rows) noexcept {
    const Shape& s = call.shape;
    rotate(call, m, m.cache.size(), rows, m.key_column, s.kv_heads);
    const auto part = [&m, rows, &s](Index column, Index width) {
        const std::size_t reached = static_cast<std::size_t>(m.projected_width * rows - column);
        return ConstTensor{{m.projected + column, reached},
                           1,
                           rows,
                           s.kv_heads,
                           width,
                           0,
                           m.projected_width,
                           width};
    };
    // Cannot fail: capacity and shapes were checked before anything was written.
    static_cast<void>(
        m.cache.append(part(m.key_column, s.head_dim), part(m.value_column, s.value_dim)));
}

// Attention of a slice's projected queries. `position` is that of its first query.
// Here and below: a function of its own, so that its frame is gone while others work.
[[gnu::noinline]] void attend_queries(LayerCall& call, LayerMemory& m, Slice slice,
                                      std::int64_t position) noexcept {
    const Shape& s = call.shape;
    const Index out_width = static_cast<Index>(s.heads) * s.value_dim;
    const auto count = [](Index n) { return static_cast<std::size_t>(n); };
    const ConstTensor queries{{m.projected, count(m.projected_width * slice.rows)},
                              1,
                              slice.rows,
                              s.heads,
                              s.head_dim,
                              0,
                              m.projected_width,
                              s.head_dim};
    const Tensor outputs{{m.heads, count(out_width * slice.rows)},
                         1,
                         slice.rows,
                         s.heads,
                         s.value_dim,
                         0,
                         out_width,
                         s.value_dim};
    call.how.first_position = position;
    call.how.first_positions = {};
    ExtraKey extra;  // of the weights: the caller gave none
    if (s.extra_key) {
        extra = {{m.weights(m.layout->extra_key), count(m.layout->key.outputs)},
                 {m.weights(m.layout->extra_value), count(m.layout->value.outputs)}};
        call.features.extra_key = &extra;
    }
    AttendCall inner{*call.layer.port, queries, no_tensor, no_tensor,    &m.cache,
                     outputs,          m.tiles, call.how,  call.features};
    inner.first_query = slice.first;
    inner.first_slice = slice.first == 0;
    inner.last_slice = slice.first + slice.rows == call.x.rows;
    attend_unchecked(inner);
    if (s.extra_key) call.features.extra_key = nullptr;
}

[[gnu::noinline]] void project_output(const LayerCall& call, const LayerMemory& m,
                                      Slice slice) noexcept {
    const Projected& o = m.layout->output;
    const HeadMask* mask = call.features.heads;
    project(call, {m.heads, o.inputs, slice.rows, o.inputs, m.weights(o.panels), m.weights(o.bias),
                   o.all_panels, 0, o.panel_count, call.y.data.data() + slice.first * call.y.stride,
                   call.y.stride, o.outputs, mask != nullptr ? mask->keep.data() : nullptr,
                   call.shape.value_dim});
}

void attend_slice(LayerCall& call, LayerMemory& m, Slice slice, std::int64_t position) noexcept {
    rotate(call, m, position, slice.rows, 0, call.shape.heads);
    attend_queries(call, m, slice, position);
    project_output(call, m, slice);
}

template <class Each>
void for_each_slice(const LayerCall& call, Index rows, Each each) noexcept {
    for (Index first = 0; first < rows; first += call.shape.max_queries) {
        each(Slice{first, smaller(call.shape.max_queries, rows - first)});
    }
}

}  // namespace

Result with_layout(LayerCall& call, LayerFunction then) noexcept {
    const LayerLayout layout = layer_layout_of(call.shape);
    call.layout = &layout;
    const Result r = then(call);
    call.layout = nullptr;
    return r;
}

Result forward(LayerCall& call) noexcept {
    if (call.layout == nullptr) return call.with_layout(call, forward);
    LayerMemory m;
    if (const Result r = prepare(call, LayerUse::forward, m); !r.ok()) return r;
    const std::int64_t before = m.cache.size();
    const bool together = call.shape.window > 0 || call.x.rows <= call.shape.max_queries;
    if (!together) {
        for_each_slice(call, call.x.rows, [&](Slice slice) {
            project_keys_and_values(call, m, slice);
            append(call, m, slice.rows);
        });
    }
    for_each_slice(call, call.x.rows, [&](Slice slice) {
        if (together) {
            project_all(call, m, slice);
            append(call, m, slice.rows);
        } else {
            project_queries(call, m, slice);
        }
        attend_slice(call, m, slice, before + slice.first);
    });
    if (call.x.rows == 0) observe_nothing(call);
    return {};
}

Result append_context(LayerCall& call) noexcept {
    if (call.layout == nullptr) return call.with_layout(call, append_context);
    LayerMemory m;
    if (const Result r = prepare(call, LayerUse::append, m); !r.ok()) return r;
    for_each_slice(call, call.keys.rows, [&](Slice slice) {
        project_keys_and_values(call, m, slice);
        append(call, m, slice.rows);
    });
    return {};
}

Result attend_context(LayerCall& call) noexcept {
    if (call.layout == nullptr) return call.with_layout(call, attend_context);
    LayerMemory m;
    if (const Result r = prepare(call, LayerUse::attend, m); !r.ok()) return r;
    const std::int64_t position = position_of(call.how, 0);
    for_each_slice(call, call.x.rows, [&](Slice slice) {
        project_queries(call, m, slice);
        attend_slice(call, m, slice, position + slice.first);
    });
    if (call.x.rows == 0) observe_nothing(call);
    return {};
}

Result open_layer(LayerHandle& layer, const Shape& shape, const Port& port,
                  std::span<const std::byte> weights) noexcept {
    if (!port.supported()) return {Status::unsupported_port, 1};
    if (const Result r = check_weights(shape, weights); !r.ok()) return {r.status, 2};
    layer = {&port, weights.data()};
    return {};
}

}  // namespace headroom::detail
