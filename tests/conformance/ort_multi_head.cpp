// com.microsoft.MultiHeadAttention of ONNX Runtime.
#include <optional>

#include "conformance/attend_call.hpp"
#include "conformance/layouts.hpp"
#include "conformance/operators.hpp"

namespace headroom::conformance {
namespace {

struct Inputs {
    Operand query, key, value;
    bool projected_keys;  // keys and values came as [B][heads][S][width]: they take no bias
};

Inputs read_inputs(const TestCase& test) {
    const Index heads = test.count("num_heads");
    const Array& q = test.input("query");
    const Array* const k = test.find("key");
    if (q.rank() == 5) {
        return {packed_part(q, 0, 3, "query"), packed_part(q, 1, 3, "query"),
                packed_part(q, 2, 3, "query"), false};
    }
    if (k == nullptr) throw Failure("the case has no input key");
    if (k->rank() == 5) {
        return {operand(q, heads, "query"), packed_part(*k, 0, 2, "key"),
                packed_part(*k, 1, 2, "key"), false};
    }
    return {operand(q, heads, "query"), operand(*k, heads, "key"),
            operand(test.input("value"), heads, "value"), k->rank() == 4};
}

// bias = [queries | keys | values], each [heads][width].
void add_bias(Operand& to, const std::vector<float>& bias, std::size_t start) {
    for (Index b = 0; b < to.batches(); ++b)
        for (Index t = 0; t < to.tokens(); ++t)
            for (Index h = 0; h < to.heads(); ++h)
                for (Index c = 0; c < to.width(); ++c)
                    to.at(b, t, h, c) += bias[start + static_cast<std::size_t>(h * to.width() + c)];
}

void add_biases(const TestCase& test, Inputs& inputs) {
    const Array* const bias = test.find("bias");
    if (bias == nullptr) return;
    const auto width = [](const Operand& of) {
        return static_cast<std::size_t>(of.heads() * of.width());
    };
    const std::size_t q = width(inputs.query), k = width(inputs.key), v = width(inputs.value);
    if (bias->rank() != 1 || bias->values.size() != q + k + v) {
        throw Failure("bias has shape " + shape_text(bias->dims));
    }
    const std::vector<float> values = bias->floats();
    add_bias(inputs.query, values, 0);
    if (inputs.projected_keys) return;
    add_bias(inputs.key, values, q);
    add_bias(inputs.value, values, q + k);
}

// Whether the padding mask keeps a key: [B] lengths, [B][S], or [B][T][S].
bool keeps(const Array& mask, Index b, Index i, Index j, Index queries, Index keys) {
    Index at = b * keys + j;
    if (mask.rank() == 1) return j < static_cast<Index>(mask.values[static_cast<std::size_t>(b)]);
    if (mask.rank() == 3) at = (b * queries + i) * keys + j;
    return mask.values[static_cast<std::size_t>(at)] != 0;
}

void check_padding(const Array& mask, Index batches, Index queries, Index keys) {
    if (mask.rank() == 1 && mask.dims[0] == 3 * batches + 2 && mask.dims[0] != batches) {
        throw Skip("key_padding_mask of cumulated lengths (3 B + 2) needs packed sequences");
    }
    const bool fits = mask.dims == Dims{batches} || mask.dims == Dims{batches, keys} ||
                      mask.dims == Dims{batches, queries, keys};
    if (!fits) throw Failure("key_padding_mask has shape " + shape_text(mask.dims));
}

// Both masks in one: a padded key gets mask_filter_value, which is finite, so a row of padding
// alone is not a masked row. That is this operator's definition, not the library's way to mask.
std::optional<Array> combined_bias(const TestCase& test, Index batches, Index heads, Index queries,
                                   Index keys) {
    const Array* const padding = test.find("key_padding_mask");
    const Array* const bias = test.find("attention_bias");
    if (padding == nullptr) return bias == nullptr ? std::nullopt : std::optional(*bias);

    check_padding(*padding, batches, queries, keys);
    const auto padded = static_cast<float>(test.real("mask_filter_value", -10000));
    if (bias != nullptr) {
        const bool fits = bias->rank() == 4 && (bias->dims[0] == 1 || bias->dims[0] == batches) &&
                          (bias->dims[1] == 1 || bias->dims[1] == heads) &&
                          bias->dims[2] == queries && bias->dims[3] == keys;
        if (!fits) throw Failure("attention_bias has shape " + shape_text(bias->dims));
    }
    Array sum{Dtype::float32, {batches, heads, queries, keys}, {}};
    for (Index b = 0; b < batches; ++b)
        for (Index h = 0; h < heads; ++h)
            for (Index i = 0; i < queries; ++i)
                for (Index j = 0; j < keys; ++j) {
                    double value = keeps(*padding, b, i, j, queries, keys) ? 0 : padded;
                    if (bias != nullptr) {
                        const Index batch = bias->dims[0] == 1 ? 0 : b,
                                    head = bias->dims[1] == 1 ? 0 : h;
                        const Index at = ((batch * bias->dims[1] + head) * queries + i) * keys + j;
                        value += bias->values[static_cast<std::size_t>(at)];
                    }
                    sum.values.push_back(value);
                }
    return sum;
}

}  // namespace

Outcome run_ort_multi_head(const TestCase& test, const Port& port) {
    for (const char* name : {"past_sequence_length", "cache_indirection"}) {
        if (test.find(name) != nullptr)
            throw Skip(std::string(name) + " belongs to ONNX Runtime's own buffers");
    }
    if (test.find_output("qk") != nullptr) throw Skip("output qk is ONNX Runtime's own");

    Inputs inputs = read_inputs(test);
    add_biases(test, inputs);
    const Array* const past = test.find("past_key");
    const Operand key = with_past(past, inputs.key, "past_key");
    const Operand value = with_past(test.find("past_value"), inputs.value, "past_value");
    const Operand& query = inputs.query;

    OutputMemory out(true, query.batches(), query.heads(), query.tokens(), value.width());
    AttendProblem problem{
        .query = query.view(), .key = key.view(), .value = value.view(), .out = out.view};
    problem.how.scale = static_cast<float>(test.real("scale", 0));  // 0: the default, to both
    problem.how.causal = test.flag("unidirectional");
    problem.how.first_position = past == nullptr ? 0 : past->dims[2];

    const std::optional<Array> bias =
        combined_bias(test, query.batches(), query.heads(), query.tokens(), key.tokens());
    std::optional<MaskMemory> mask;
    if (bias) {
        mask.emplace(mask_array(*bias, "attention_bias"), query.batches(), query.heads(),
                     query.tokens(), key.tokens());
        mask->bind(problem);
    }
    run_attend(port, problem);

    Outcome outcome;
    outcome.add(test, "output", out.dims, out.values);
    outcome.add(test, "present_key", key.head_major_dims(), key.head_major_values());
    outcome.add(test, "present_value", value.head_major_dims(), value.head_major_values());
    return outcome;
}

}  // namespace headroom::conformance
