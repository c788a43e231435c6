// ai.onnx.Attention, opsets 23 to 25.
#include <optional>

#include "conformance/attend_call.hpp"
#include "conformance/layouts.hpp"
#include "conformance/operators.hpp"
#include "tools/onnx_attend.hpp"

namespace headroom::conformance {
namespace {

tools::OnnxInputs inputs_of(const TestCase& test) {
    tools::OnnxInputs in{.query = float_array(test.input("Q"), "Q"),
                         .key = float_array(test.input("K"), "K"),
                         .value = float_array(test.input("V"), "V")};
    if (const Array* past = test.find("past_key")) in.past_key = float_array(*past, "past_key");
    if (const Array* past = test.find("past_value"))
        in.past_value = float_array(*past, "past_value");
    if (const Array* mask = test.find("attn_mask")) in.mask = mask_array(*mask, "attn_mask");
    if (const Array* lengths = test.find("nonpad_kv_seqlen"))
        in.valid_keys = tools::LengthArray{"nonpad_kv_seqlen", lengths->dims, lengths->integers()};
    return in;
}

tools::OnnxAttributes attributes_of(const TestCase& test) {
    tools::OnnxAttributes attributes;
    attributes.heads = test.count("q_num_heads");
    attributes.kv_heads = test.count("kv_num_heads");
    if (test.has_attribute("scale")) attributes.scale = static_cast<float>(test.real("scale", 0));
    attributes.softcap = static_cast<float>(test.real("softcap", 0));
    attributes.causal = test.flag("is_causal");
    attributes.window_left = test.integer("left_window_size", -1);
    attributes.window_right = test.integer("right_window_size", -1);
    return attributes;
}

Stage stage_of(const TestCase& test) {
    switch (test.integer("qk_matmul_output_mode", 0)) {
        case 0:
            return Stage::raw;
        case 1:
            return Stage::softcap;
        case 2:
            return Stage::bias;
        case 3:
            return Stage::softmax;
    }
    throw Failure("unknown qk_matmul_output_mode");
}

}  // namespace

Outcome run_onnx_attention(const TestCase& test, const Port& port) {
    const tools::OnnxAttend attend(inputs_of(test), attributes_of(test));
    AttendProblem problem = attend.problem();
    WeightsCollector weights(problem.query.batches, problem.query.heads, problem.query.tokens,
                             problem.key.tokens);
    if (test.find_output("qk_matmul_output") != nullptr)
        problem.weights = weights.callback(stage_of(test));

    run_attend(port, problem);

    Outcome outcome;
    const Operand &key = attend.key(), &value = attend.value();
    outcome.add(test, "Y", attend.out().dims, attend.out().values);
    outcome.add(test, "present_key", key.head_major_dims(), key.head_major_values());
    outcome.add(test, "present_value", value.head_major_dims(), value.head_major_values());
    outcome.add(test, "qk_matmul_output", weights.dims(), weights.values());
    if (test.input("Q").dtype == Dtype::float64)
        outcome.notes.insert("float64 inputs rounded to float32");
    return outcome;
}

}  // namespace headroom::conformance
