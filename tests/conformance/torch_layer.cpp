// torch.nn.MultiheadAttention, through the whole layer, from tokens to tokens.
#include <cmath>
#include <limits>
#include <optional>

#include <headroom/multi_head_attention.hpp>

#include "conformance/attend_call.hpp"
#include "conformance/operators.hpp"
#include "conformance/torch_inputs.hpp"
#include "support/bits.hpp"

namespace headroom::conformance {
namespace {

// What one case is about, for the functions below.
struct Layer {
    Layer(const TestCase& of, const Port& on)
        : test(of),
          port(on),
          layout(layout_of(of)),
          shape(shape_of(of, layout)),
          batches(layout.batches(of.input("query"))),
          queries(layout.tokens(of.input("query"))),
          keys(layout.tokens(of.input("key"))),
          masks(of, batches, shape.heads, queries, keys),
          blob(packed_weights(of, shape)),
          query(of.input("query").floats()),
          key(of.input("key").floats()),
          value(of.input("value").floats()) {
        require_ok(detail::open_layer(handle, shape, port, blob.span()),
                   "MultiHeadAttention::open");
    }

    Index extra_keys() const { return (shape.extra_key ? 1 : 0) + (zero_key() ? 1 : 0); }
    bool zero_key() const { return test.flag("add_zero_attn"); }

    const TestCase& test;
    const Port& port;
    TokenLayout layout;
    Shape shape;
    Index batches, queries, keys;
    TorchMasks masks;
    test::Arena blob;
    std::vector<float> query, key, value;
    detail::LayerHandle handle;
};

// The public class takes its shape at compile time. Here it is known when the case has been read,
// so this calls what the class calls, with the features that the case has.
Result call_layer(const Layer& layer, Index batch, bool self, std::span<float> y,
                  WeightsCollector* weights) {
    const auto rows = [&](const char* name, std::span<const float> values) {
        return layer.layout.rows(layer.test.input(name), values, batch);
    };
    const ConstRows query = rows("query", layer.query);
    const ConstRows key = rows("key", layer.key), value = rows("value", layer.value);
    const Rows out = layer.layout.rows(layer.test.input("query"), y, batch);
    const test::Arena state(state_bytes(layer.shape), 0, 0);
    const test::Arena scratch(scratch_bytes(layer.shape));

    if (!self) {
        detail::LayerCall context{layer.handle, layer.shape,    {}, key, value, {},
                                  state.span(), scratch.span(), {}, {}};
        require_ok(detail::append_context(context), "MultiHeadAttention::append_context");
    }
    detail::LayerCall call{layer.handle,
                           layer.shape,
                           query,
                           self ? key : ConstRows{},
                           self ? value : ConstRows{},
                           out,
                           state.span(),
                           scratch.span(),
                           {},
                           {}};
    const std::optional<ScoreBias> bias = layer.masks.bias(batch);
    const std::optional<BoolMask> visible = layer.masks.visible(batch);
    const ZeroKey zero_key;
    std::optional<WeightsCallback> callback;
    if (weights != nullptr) {
        weights->set_batch(batch);
        callback = weights->callback(Stage::softmax);
    }
    detail::HeldChecks checks;
    std::uint8_t at = 6;
    if (bias) checks.bind(call.features, layer.port, at++, *bias);
    if (visible) checks.bind(call.features, layer.port, at++, *visible);
    if (layer.zero_key()) checks.bind(call.features, layer.port, at++, zero_key);
    if (callback) checks.bind(call.features, layer.port, at++, *callback);
    if (layer.shape.extra_key) detail::bind_extra_key(call.features, layer.port);
    return self ? detail::forward(call) : detail::attend_context(call);
}

// Self-attention has its own function: it must give the same bits as keys appended beforehand.
void check_self_attention(const Layer& layer, std::span<const float> want) {
    const bool self = layer.query == layer.key && layer.key == layer.value &&
                      layer.shape.key_source_dim == layer.shape.model_dim &&
                      layer.shape.value_source_dim == layer.shape.model_dim;
    if (!self) return;
    std::vector<float> got(want.size(), std::numeric_limits<float>::quiet_NaN());
    for (Index b = 0; b < layer.batches; ++b) {
        require_ok(call_layer(layer, b, true, got, nullptr), "MultiHeadAttention::forward");
    }
    const std::string text = test::difference(want, got);
    if (!text.empty()) throw Failure("forward() gives other bits than attend_context(): " + text);
}

// How many heads of a row see nothing. An extra key is always seen.
Index empty_heads(const Layer& layer, Index batch, Index query) {
    if (layer.extra_keys() > 0) return 0;
    Index empty = 0;
    for (Index h = 0; h < layer.shape.heads; ++h)
        empty += layer.masks.is_empty(batch, h, query) ? 1 : 0;
    return empty;
}

// PyTorch makes a row that sees nothing NaN; here it is zero before the output projection. Rewrites
// such a row of the wanted output, if it is NaN: to out_proj.bias, or if only some heads see
// nothing, which no stored number describes, to what came out.
void expect_zero_rows(const Layer& layer, Output& output, Outcome& outcome) {
    const Array* const bias = layer.test.find("out_proj.bias");
    std::vector<std::size_t> index(output.want.values.size());
    for (std::size_t i = 0; i < index.size(); ++i) index[i] = i;
    for (Index b = 0; b < layer.batches; ++b) {
        const auto rows = layer.layout.rows(output.want, std::span<std::size_t>(index), b);
        for (Index t = 0; t < layer.queries; ++t) {
            const Index empty = empty_heads(layer, b, t);
            if (empty == 0) continue;
            for (Index c = 0; c < rows.width; ++c) {
                const std::size_t i = rows.data[static_cast<std::size_t>(t * rows.stride + c)];
                if (!std::isnan(output.want.values[i])) continue;
                const double zero =
                    bias == nullptr ? 0.0 : bias->values[static_cast<std::size_t>(c)];
                if (empty == layer.shape.heads) {
                    output.want.values[i] = zero;
                    outcome.notes.insert("fully masked rows compared with out_proj.bias, not NaN");
                } else {  // it must be a number, at least
                    output.want.values[i] = std::isfinite(output.got[i]) ? output.got[i] : zero;
                    outcome.notes.insert("rows with some heads fully masked not compared");
                }
            }
        }
    }
}

// A row of weights as PyTorch returns it, averaged over `heads` heads from `head` on. The last
// column, if there is an extra key, is what the shown ones leave for bias_k and the zero key, which
// the library does not show.
void append_row(const Layer& layer, const std::vector<float>& shown, Index batch, Index head,
                Index heads, Index query, std::vector<float>& to) {
    double rest = 1;
    for (Index j = 0; j < layer.keys; ++j) {
        double sum = 0;
        for (Index h = head; h < head + heads; ++h) {
            const Index i =
                ((batch * layer.shape.heads + h) * layer.queries + query) * layer.keys + j;
            sum += shown[static_cast<std::size_t>(i)];
        }
        rest -= sum / static_cast<double>(heads);
        to.push_back(static_cast<float>(sum / static_cast<double>(heads)));
    }
    if (layer.extra_keys() > 0) to.push_back(static_cast<float>(rest));
}

// The same row of the wanted weights: the columns of the extra keys in one, and for NaN in
// an empty row zero.
void append_wanted_row(const Layer& layer, const double* row, Index empty, Index heads,
                       std::span<const float> got, std::vector<double>& to, Outcome& outcome) {
    const Index columns = layer.keys + layer.extra_keys();
    double rest = 0;
    for (Index j = 0; j < columns; ++j) {
        if (j >= layer.keys) {
            rest += row[j];
            continue;
        }
        double want = row[j];
        if (std::isnan(want) && empty == heads) want = 0;
        if (std::isnan(want) && empty > 0) {
            const float shown = got[static_cast<std::size_t>(j)];
            want = std::isfinite(shown) ? shown : 0;
            outcome.notes.insert("averaged weights with some heads fully masked not compared");
        }
        to.push_back(want);
    }
    if (layer.extra_keys() > 0) to.push_back(rest);
}

// Compares attn_weights: [B][H][T][S'] or, averaged over the heads, [B][T][S'], S' with the extra
// keys; without [B] if unbatched.
void add_weights(const Layer& layer, const std::string& name, const std::vector<float>& shown,
                 Outcome& outcome) {
    const Array* const wanted = layer.test.find_output(name);
    if (wanted == nullptr) return;
    const bool average = layer.test.flag("average_attn_weights", true);
    const Index heads = average ? 1 : layer.shape.heads, averaged = average ? layer.shape.heads : 1;
    const Index columns = layer.keys + layer.extra_keys();
    Dims dims = layer.layout.unbatched ? Dims{} : Dims{layer.batches};
    if (!average) dims.push_back(heads);
    dims.insert(dims.end(), {layer.queries, columns});
    if (wanted->dims != dims) {
        throw Failure(name + " would have shape " + shape_text(dims) + ", wanted " +
                      shape_text(wanted->dims));
    }

    Output output{name, {}, {wanted->dtype, dims, {}}};
    output.want.dims.back() = layer.keys + (layer.extra_keys() > 0 ? 1 : 0);
    const double* row = wanted->values.data();
    for (Index b = 0; b < layer.batches; ++b)
        for (Index h = 0; h < heads; ++h)
            for (Index t = 0; t < layer.queries; ++t, row += columns) {
                const std::size_t start = output.got.size();
                append_row(layer, shown, b, h, averaged, t, output.got);
                const Index empty =
                    average ? empty_heads(layer, b, t)
                            : (layer.extra_keys() == 0 && layer.masks.is_empty(b, h, t) ? 1 : 0);
                append_wanted_row(layer, row, empty, averaged, std::span(output.got).subspan(start),
                                  output.want.values, outcome);
            }
    if (layer.extra_keys() > 0)
        outcome.notes.insert("weights of the extra keys compared as 1 - sum");
    outcome.covered.insert(name);
    outcome.outputs.push_back(std::move(output));
}

}  // namespace

Outcome run_torch_layer(const TestCase& test, const Port& port) {
    const Layer layer(test, port);
    const Array& query = test.input("query");
    std::vector<float> y(query.values.size(), std::numeric_limits<float>::quiet_NaN());
    WeightsCollector weights(layer.batches, layer.shape.heads, layer.queries, layer.keys);
    for (Index b = 0; b < layer.batches; ++b) {
        require_ok(call_layer(layer, b, false, y, &weights), "MultiHeadAttention::attend_context");
    }
    check_self_attention(layer, y);

    Outcome outcome;
    // Both names are the same output: PyTorch's in double and in single precision.
    for (const char* name : {"attn_output", "attn_output_f32"})
        outcome.add(test, name, query.dims, y);
    for (Output& output : outcome.outputs) expect_zero_rows(layer, output, outcome);
    for (const char* name : {"attn_weights", "attn_weights_f32"}) {
        add_weights(layer, name, weights.values(), outcome);
    }
    return outcome;
}

}  // namespace headroom::conformance
