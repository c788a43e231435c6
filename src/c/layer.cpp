// The layer: a shape, a port and packed weights, put together anew for each call.
#include "c/features.hpp"

using namespace headroom;
using namespace headroom::c;

namespace {

// What every call on a layer needs besides its tensors.
struct OpenLayer {
    Shape shape;
    detail::LayerHandle handle;
    HeldFeatures held;
};

bool open_layer(const hr_layer* layer, OpenLayer& to) noexcept {
    if (layer == nullptr || layer->port == nullptr) return false;
    to.shape = resolved(shape_of(layer->shape));
    to.handle = {port_of(layer->port), static_cast<const std::byte*>(layer->weights)};
    return true;
}

hr_result not_open() noexcept { return result_of(Status::not_open, 1); }

Result bind_rotary(const hr_features& from, const Port& port, HeldFeatures& held,
                   detail::LayerFeatures& to) noexcept {
    if (from.rotary_tables != nullptr) {
        if (!known_pairs(from.rotary_tables->pairs)) return {Status::bad_value, HR_ROTARY_TABLES};
        held.tables = tables_of(*from.rotary_tables);
        held.checks.bind(to, port, HR_ROTARY_TABLES, held.tables);
    }
    if (from.rotary_computed != nullptr) {
        const hr_rotary_computed& computed = *from.rotary_computed;
        if (!known_pairs(computed.pairs)) return {Status::bad_value, HR_ROTARY_COMPUTED};
        held.computed = {parameters_of(computed.parameters), pairs_of(computed.pairs)};
        held.checks.bind(to, port, HR_ROTARY_COMPUTED, held.computed);
    }
    return {};
}

// Features of a call that attends.
Result bind_all(const hr_features* from, OpenLayer& layer, detail::LayerFeatures& to) noexcept {
    const Port& port = *layer.handle.port;
    if (from != nullptr) {
        bind_features(*from, port, layer.held, to);
        if (const Result r = bind_rotary(*from, port, layer.held, to); !r.ok()) return r;
    }
    if (layer.shape.extra_key) detail::bind_extra_key(to, port);
    return {};
}

// Where nothing attends, most features would have no effect: the first of them, or 0.
int without_effect(const hr_features& f) noexcept {
    if (f.softcap != nullptr) return HR_SOFTCAP;
    if (f.alibi_slopes != nullptr) return HR_ALIBI_SLOPES;
    if (f.score_bias != nullptr) return HR_SCORE_BIAS;
    if (f.bool_mask != nullptr) return HR_BOOL_MASK;
    if (f.sink_logits != nullptr) return HR_SINK_LOGITS;
    if (f.extra_key != nullptr) return HR_EXTRA_KEY;
    if (f.zero_key) return HR_ZERO_KEY;
    if (f.kept_heads != nullptr) return HR_KEPT_HEADS;
    if (f.weights != nullptr) return HR_WEIGHTS;
    return f.statistics != nullptr ? HR_STATISTICS : 0;
}

}  // namespace

hr_result hr_layer_open(hr_layer* layer, const hr_shape* shape, const hr_port* port,
                        hr_const_memory weights) {
    if (layer == nullptr) return not_open();
    if (shape == nullptr) return result_of(Status::bad_shape, 2);
    if (hr_state_bytes(shape) == 0 || hr_scratch_bytes(shape, 1) == 0 ||
        hr_weights_bytes(shape) == 0) {
        return result_of(Status::bad_shape, 2);
    }
    if (port == nullptr) return result_of(Status::unsupported_port, 3);
    detail::LayerHandle handle;
    const Result r =
        detail::open_layer(handle, resolved(shape_of(*shape)), *port_of(port), bytes_of(weights));
    if (r.ok()) *layer = {port_of(handle.port), handle.weights, *shape};
    return result_of(r.status, r.argument + 2);
}

hr_result hr_layer_forward(const hr_layer* layer, hr_const_rows x, hr_rows y, hr_memory state,
                           hr_memory scratch, const hr_attention* how,
                           const hr_features* features) {
    OpenLayer self;
    if (!open_layer(layer, self)) return not_open();
    const ConstRows in = rows_of(x);
    detail::LayerCall call{self.handle,     self.shape,        in, in, in, rows_of(y),
                           bytes_of(state), bytes_of(scratch), {}, {}};
    if (const Status s = attention_of(how, call.how); s != Status::ok) return result_of(s, 6);
    if (const Result r = bind_all(features, self, call.features); !r.ok()) return result_of(r);
    return result_of_method(detail::forward(call));
}

hr_result hr_layer_append_context(const hr_layer* layer, hr_const_rows keys, hr_const_rows values,
                                  hr_memory state, hr_memory scratch, const hr_features* features) {
    OpenLayer self;
    if (!open_layer(layer, self)) return not_open();
    detail::LayerCall call{
        self.handle,       self.shape, {}, rows_of(keys), rows_of(values), {}, bytes_of(state),
        bytes_of(scratch), {},         {}};
    if (features != nullptr) {
        if (const int at = without_effect(*features)) return result_of(Status::bad_value, at);
        bind_executor(*features, *self.handle.port, self.held, call.features);
        const Result r = bind_rotary(*features, *self.handle.port, self.held, call.features);
        if (!r.ok()) return result_of(r);
    }
    return result_of_method(detail::append_context(call));
}

hr_result hr_layer_attend_context(const hr_layer* layer, hr_const_rows x, hr_rows y,
                                  hr_const_memory state, hr_memory scratch, const hr_attention* how,
                                  const hr_features* features) {
    OpenLayer self;
    if (!open_layer(layer, self)) return not_open();
    detail::LayerCall call{self.handle,
                           self.shape,
                           rows_of(x),
                           {},
                           {},
                           rows_of(y),
                           detail::read_only(bytes_of(state)),
                           bytes_of(scratch),
                           {},
                           {}};
    if (const Status s = attention_of(how, call.how); s != Status::ok) return result_of(s, 6);
    if (const Result r = bind_all(features, self, call.features); !r.ok()) return result_of(r);
    return result_of_method(detail::attend_context(call));
}

hr_result hr_layer_cache(const hr_layer* layer, hr_memory state, hr_cache* cache) {
    OpenLayer self;
    if (!open_layer(layer, self)) return not_open();
    if (cache == nullptr) return result_of(Status::not_open, 3);
    KvCache opened;
    const Result r = opened.open(cache_shape(self.shape), bytes_of(state));
    if (r.ok()) *cache = handle_of(opened);
    return result_of(r);
}
