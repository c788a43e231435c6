// ai.onnx.Attention, opsets 23 to 25.
#include <algorithm>
#include <cmath>
#include <optional>

#include "conformance/attend_call.hpp"
#include "conformance/layouts.hpp"
#include "conformance/operators.hpp"

namespace headroom::conformance {
namespace {

// Where the queries stand among the keys, and which keys there are.
struct Positions {
    Positions(const TestCase& test, Index queries) {
        if (const Array* past = test.find("past_key")) first = past->dims.at(2);
        if (const Array* lengths = test.find("nonpad_kv_seqlen")) {
            valid_keys = lengths->integers();
            for (const std::int64_t n : valid_keys) first_positions.push_back(n - queries);
        }
    }
    std::int64_t first = 0;
    std::vector<std::int64_t> valid_keys;       // of each sequence, or empty
    std::vector<std::int64_t> first_positions;  // may be negative
};

Attention attention_of(const TestCase& test, const Positions& positions) {
    Attention how;
    how.scale = static_cast<float>(test.real("scale", 0));
    how.causal = test.flag("is_causal");
    how.first_position = positions.first;
    how.window_left = test.integer("left_window_size", -1);
    how.window_right = test.integer("right_window_size", -1);
    how.valid_keys = positions.valid_keys;
    how.first_positions = positions.first_positions;
    return how;
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

// To the library a scale of 0 is the default one. An explicit 0 makes every score 0, as do
// queries of 0.
void make_scale_zero(Operand& query, Attention& how) {
    const Tensor zeros = query.view();
    std::fill(zeros.data.begin(), zeros.data.end(), 0.0f);
    how.scale = 1;
}

}  // namespace

Outcome run_onnx_attention(const TestCase& test, const Port& port) {
    const Array& q = test.input("Q");
    Operand query(q, test.integer("q_num_heads", 0), "Q");
    const Operand added_key(test.input("K"), test.integer("kv_num_heads", 0), "K");
    const Operand added_value(test.input("V"), test.integer("kv_num_heads", 0), "V");
    const Operand key = concatenate(test.find("past_key"), added_key, "past_key");
    const Operand value = concatenate(test.find("past_value"), added_value, "past_value");

    const Positions positions(test, query.tokens());
    OutputMemory y(q.rank() == 3, query.batches(), query.heads(), query.tokens(), value.width());
    AttendProblem problem{.query = {},
                          .key = key.view(),
                          .value = value.view(),
                          .out = y.view,
                          .how = attention_of(test, positions)};
    if (test.has_attribute("scale") && test.real("scale", 0) == 0)
        make_scale_zero(query, problem.how);
    problem.query = query.view();

    // cap * tanh(s / cap) is the same for either sign; 0 means none.
    const auto softcap = static_cast<float>(std::fabs(test.real("softcap", 0)));
    if (softcap > 0) problem.softcap = Softcap{softcap};

    std::optional<MaskMemory> mask;
    if (const Array* attn_mask = test.find("attn_mask")) {
        mask.emplace(*attn_mask, query.batches(), query.heads(), query.tokens(), key.tokens());
        mask->bind(problem);
    }
    WeightsCollector weights(query.batches(), query.heads(), query.tokens(), key.tokens());
    if (test.find_output("qk_matmul_output") != nullptr)
        problem.weights = weights.callback(stage_of(test));

    run_attend(port, problem);

    Outcome outcome;
    outcome.add(test, "Y", y.dims, y.values);
    outcome.add(test, "present_key", key.head_major_dims(), key.head_major_values());
    outcome.add(test, "present_value", value.head_major_dims(), value.head_major_values());
    outcome.add(test, "qk_matmul_output", weights.dims(), weights.values());
    if (q.dtype == Dtype::float64) outcome.notes.insert("float64 inputs rounded to float32");
    return outcome;
}

}  // namespace headroom::conformance
