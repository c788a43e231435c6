// Whole layers: self-attention on either cache, and cross-attention.
#include <headroom/cost.hpp>

#include "bits/features.hpp"
#include "bits/run.hpp"
#include "bits/sequence.hpp"
#include "bits/tensors.hpp"
#include "c/convert.hpp"

namespace headroom::bits {
namespace {

hr_shape shape_of(const Configuration& c) {
    return {.model_dim = c.model_dim,
            .heads = c.heads,
            .kv_heads = c.kv_heads,
            .head_dim = c.key_width,
            .value_dim = c.value_width,
            .key_source_dim = c.key_source_dim,
            .value_source_dim = c.value_source_dim,
            .output_dim = c.output_dim,
            .extra_key = c.extra_in_weights,
            .rotary_dim = c.has(computed) ? c.rotary_dim : 0,
            .max_queries = c.max_queries,
            .max_keys = c.is_ring() ? 0 : c.keys + 3,
            .window = c.window,
            .sinks = c.sinks};
}

hr_layer open_layer(const Configuration& c, const hr_port* port, Inputs& inputs) {
    const auto floats = [&](bool given, int outputs, int columns) -> hr_floats {
        if (!given) return {};
        const int count = outputs * columns;
        float* const data = take<float>(count);
        inputs.fill(data, count, exponent_for(columns));
        return {data, static_cast<std::size_t>(count)};
    };
    const int q = c.heads * c.key_width, k = c.kv_heads * c.key_width,
              v = c.kv_heads * c.value_width, o = c.heads * c.value_width;
    const auto bias = [&](unsigned bit, int n) { return floats((c.biases & bit) != 0, n, 1); };
    hr_tensors tensors = {};
    tensors.query_weight = floats(true, q, c.model_dim);
    tensors.key_weight = floats(true, k, c.key_source_dim);
    tensors.value_weight = floats(true, v, c.value_source_dim);
    tensors.output_weight = floats(true, c.output_dim, o);
    tensors.query_bias = bias(1, q);
    tensors.key_bias = bias(2, k);
    tensors.value_bias = bias(4, v);
    tensors.output_bias = bias(8, c.output_dim);
    tensors.extra_key = floats(c.extra_in_weights, k, 1);
    tensors.extra_value = floats(c.extra_in_weights, v, 1);

    const hr_shape shape = shape_of(c);
    const hr_memory blob = take_bytes(hr_weights_bytes(&shape));
    must(hr_pack_weights(&shape, &tensors, blob), "pack");
    hr_layer layer = {};
    must(hr_layer_open(&layer, &shape, port, {blob.data, blob.bytes}), "open");
    return layer;
}

hr_rows take_rows(const Configuration& c, int rows, int width, Inputs& inputs) {
    const int stride = width + (c.layout == Layout::gaps ? 3 : 0);
    hr_rows view = {take<float>(rows * stride), static_cast<std::size_t>(rows * stride), rows,
                    width, stride};
    for (int r = 0; r < rows; ++r) inputs.fill(view.data + r * stride, width);
    return view;
}

hr_rows rows_of(hr_rows rows, int first, int count) {
    rows.data += first * rows.stride;
    rows.count -= static_cast<std::size_t>(first * rows.stride);
    rows.rows = count;
    return rows;
}

hr_const_rows read_only(const hr_rows& rows) {
    return {rows.data, rows.count, rows.rows, rows.width, rows.stride};
}

// A token of NaN or infinity; where its rows are not seen it must leave no trace.
void place(const Configuration& c, const hr_rows& rows, Inputs& inputs) {
    if (c.poison == Poison::none) return;
    const bool endless = c.poison == Poison::value_inf || c.poison == Poison::key_inf;
    const int row =
        c.poison == Poison::hidden ? c.keys - 1 : c.keys / 2 + inputs.number(c.keys - c.keys / 2);
    rows.data[row * rows.stride + inputs.number(static_cast<int>(rows.width))] =
        endless ? infinity : poison_nan();
}

class LayerCalls {
public:
    LayerCalls(const Configuration& configuration, const hr_port* port, Record& record)
        : c(configuration),
          inputs(c.seed),
          seen(c, inputs),
          features(c, inputs, c.queries + 1, c.keys + 1),
          x(take_rows(c, c.queries + 1, c.model_dim, inputs)),
          y(c.in_place ? rows_of(x, 0, c.queries + 1)
                       : take_rows(c, c.queries + 1, c.output_dim, inputs)),
          layer_(open_layer(c, port, inputs)),
          record_(record) {
        const hr_shape shape = shape_of(c);
        state = take_bytes(hr_state_bytes(&shape));
        beam = take_bytes(hr_state_bytes(&shape));
        scratch_ = take_bytes(hr_scratch_bytes(&shape, features.workers()));
    }

    hr_cache cache(hr_memory of) const {
        hr_cache handle = {};
        must(hr_layer_cache(&layer_, of, &handle), "cache");
        return handle;
    }

    // Tokens `from` ... of x stand at `first` of the sequence.
    void forward(hr_memory in, int from, int first, int count, const char* what = "y") {
        seen.from(first);
        const std::int64_t length = seen.lengths[0];
        seen.lengths[0] = std::min<std::int64_t>(length, first + count);
        const hr_rows out = rows_of(y, from, count);
        must(hr_layer_forward(&layer_, read_only(rows_of(x, from, count)), out, in, scratch_,
                              &seen.how, features.from(first)),
             what);
        seen.lengths[0] = length;
        record_.floats(what, out.data, count, out.width, out.stride);
        features.record(record_, count, std::min(first + count, most_seen()));
        for (int i = 0; i < count; ++i) spend(std::min(first + i + 1, most_seen()));
    }

    void append(const hr_rows& keys, const hr_rows& values, int first, int count) {
        must(hr_layer_append_context(&layer_, read_only(rows_of(keys, first, count)),
                                     read_only(rows_of(values, first, count)), state, scratch_,
                                     features.for_append()),
             "append");
        record_.spend(std::int64_t{count} * c.kv_heads *
                      (c.key_width * c.key_source_dim + c.value_width * c.value_source_dim));
    }

    void attend(int first, int count) {
        const hr_rows out = rows_of(y, first, count);
        must(hr_layer_attend_context(&layer_, read_only(rows_of(x, first, count)), out,
                                     {state.data, state.bytes}, scratch_, seen.from(first),
                                     features.from(first)),
             "attend");
        record_.floats("y", out.data, count, out.width, out.stride);
        features.record(record_, count, c.keys);
        for (int i = 0; i < count; ++i) spend(c.keys);
    }

    const Configuration& c;
    Inputs inputs;
    Visibility seen;
    Features features;
    hr_rows x, y;
    hr_memory state = {}, beam = {};

private:
    int most_seen() const { return c.is_ring() ? c.window + c.sinks + c.max_queries : c.keys + 1; }

    void spend(int keys) {
        const Shape shape = headroom::c::shape_of(shape_of(c));
        record_.spend(token_cost(shape, keys).multiply_adds());
    }

    hr_layer layer_;
    Record& record_;
    hr_memory scratch_ = {};
};

void run_self(LayerCalls& calls, Record& record) {
    const Configuration& c = calls.c;
    place(c, calls.x, calls.inputs);
    for_each_cut(c.keys, c.longest_call, calls.inputs,
                 [&](int first, int count) { calls.forward(calls.state, first, first, count); });

    hr_cache cache = calls.cache(calls.state), beam = calls.cache(calls.beam);
    const int kept = c.keys - c.dropped;
    const hr_result back = hr_cache_truncate(&cache, kept);
    record.number("truncated", static_cast<std::uint64_t>(back.status));
    if (back.status == HR_OK) calls.forward(calls.state, 0, kept, c.dropped, "again");

    must(hr_cache_copy(&beam, &cache), "copy");
    calls.forward(calls.beam, c.keys, c.keys, 1, "beam");
}

void run_cross(LayerCalls& calls) {
    const Configuration& c = calls.c;
    const hr_rows keys = take_rows(c, c.keys, c.key_source_dim, calls.inputs),
                  values = take_rows(c, c.keys, c.value_source_dim, calls.inputs);
    place(c, c.poison == Poison::key_nan || c.poison == Poison::key_inf ? keys : values,
          calls.inputs);
    for_each_cut(c.keys, 30, calls.inputs,
                 [&](int first, int count) { calls.append(keys, values, first, count); });
    for_each_cut(c.queries, c.longest_call, calls.inputs,
                 [&](int first, int count) { calls.attend(first, count); });
}

}  // namespace

void run_layer(const Configuration& c, const hr_port* port, Record& record) {
    LayerCalls calls(c, port, record);
    if (c.kind == Kind::cross) {
        run_cross(calls);
    } else {
        run_self(calls, record);
    }
}

}  // namespace headroom::bits
