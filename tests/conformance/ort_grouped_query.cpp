// com.microsoft.GroupQueryAttention of ONNX Runtime.
#include <headroom/rotary.hpp>

#include <algorithm>
#include <optional>

#include "conformance/attend_call.hpp"
#include "conformance/layouts.hpp"
#include "conformance/operators.hpp"
#include "support/index.hpp"

namespace headroom::conformance {
namespace {

struct Inputs {
    Operand query, key, value;
};

Inputs read_inputs(const TestCase& test) {
    const Index heads = test.count("num_heads"), kv_heads = test.count("kv_num_heads");
    if (heads < 1 || kv_heads < 1) throw Failure("num_heads or kv_num_heads is missing");
    const Array& q = test.input("query", 3);
    if (test.find("key") == nullptr) {  // [B][T][(heads + 2 * kv_heads) * width]
        const Index all = heads + 2 * kv_heads;
        return {packed_heads(q, all, 0, heads, "query"),
                packed_heads(q, all, heads, kv_heads, "query"),
                packed_heads(q, all, heads + kv_heads, kv_heads, "query")};
    }
    return {operand(q, heads, "query"), operand(test.input("key"), kv_heads, "key"),
            operand(test.input("value"), kv_heads, "value")};
}

void refuse_what_is_not_offered(const TestCase& test) {
    if (test.has_attribute("kv_cache_bit_width") && test.integer("kv_cache_bit_width", 0) != 0) {
        throw Skip("quantised caches are not offered");
    }
    if (test.integer("qk_output", 0) != 0) throw Skip("output_qk is ONNX Runtime's own");
}

// Where each sequence of a batch stands.
struct Lengths {
    Lengths(const TestCase& test, Index batches, Index queries) {
        const Array& seqlens = test.input("seqlens_k");
        if (static_cast<Index>(seqlens.values.size()) != batches)
            throw Failure("seqlens_k does not fit");
        const Array& longest = test.input("total_sequence_length");
        if (longest.values.size() != 1) throw Failure("total_sequence_length is not one number");
        total_keys = static_cast<Index>(longest.values[0]);
        for (const std::int64_t n : seqlens.integers()) {
            keys.push_back(n + 1);
            // A first prompt starts at 0; a shorter sequence of it is padded at its end.
            past.push_back(total_keys == queries ? 0 : n + 1 - queries);
            if (keys.back() < 0 || keys.back() > total_keys || past.back() < 0) {
                throw Failure("seqlens_k and total_sequence_length do not fit");
            }
        }
    }
    Index total_keys = 0;            // of the longest sequence
    std::vector<std::int64_t> keys;  // of each sequence, its new ones included
    std::vector<std::int64_t> past;  // so many of them were there before
};

// Rotates the new tokens, each at its position in its sequence.
void rotate_new(const TestCase& test, const Port& port, Operand& tokens, const Lengths& lengths) {
    const Array& cos = test.input("cos_cache", 2);
    const Array& sin = test.input("sin_cache", 2);
    if (cos.dims != sin.dims) throw Failure("cos_cache and sin_cache do not fit");
    std::vector<std::int64_t> positions;
    if (const Array* ids = test.find("position_ids")) {
        positions = ids->integers();
    } else {
        for (const std::int64_t past : lengths.past)
            for (Index t = 0; t < tokens.tokens(); ++t) positions.push_back(past + t);
    }
    const std::vector<float> cos_values = cos.floats(), sin_values = sin.floats();
    const RotaryTables tables{
        .dim = static_cast<int>(2 * cos.dims[1]),
        .pairs = test.flag("rotary_interleaved") ? RotaryPairs::interleaved : RotaryPairs::halves,
        .positions = cos.dims[0],
        .cos = cos_values,
        .sin = sin_values};
    require_ok(rotate(port, tokens.view(), tokens.view(), tables, positions), "rotate()");
}

// The cache after this call: each sequence's past, then its new tokens; zero behind them.
Operand present(const Array* past, const Operand& added, const Lengths& lengths,
                const std::string& name) {
    std::optional<Operand> before;
    if (past != nullptr) before = operand(*past, added.heads(), name);
    const Index slots = std::max(lengths.total_keys, before ? before->tokens() : 0);
    Operand all = Operand::zeros(added.batches(), added.heads(), slots, added.width());
    for (Index b = 0; b < all.batches(); ++b) {
        const Index old = test::index_of(lengths.past[static_cast<std::size_t>(b)]);
        const Index filled = test::index_of(lengths.keys[static_cast<std::size_t>(b)]);
        if (old > 0 && (!before || old > before->tokens())) throw Failure(name + " is too short");
        for (Index t = 0; t < filled; ++t)
            for (Index h = 0; h < all.heads(); ++h)
                for (Index c = 0; c < all.width(); ++c)
                    all.at(b, t, h, c) =
                        t < old ? before->at(b, t, h, c) : added.at(b, t - old, h, c);
    }
    return all;
}

// A prompt shorter than its row is padded at its end. What comes out there, and what the cache
// holds there, is not defined: it is taken out of the comparison.
void ignore_padding(Outcome& outcome, const Lengths& lengths, Index queries) {
    for (Output& output : outcome.outputs) {
        // [batches][queries][...] or, a cache, [batches][heads][slots][width]
        const bool cache = output.name != "output";
        const Dims& dims = output.want.dims;
        const Index heads = cache ? dims[1] : 1, rows = cache ? dims[2] : dims[1],
                    width = dims.back();
        for (Index b = 0; b < dims[0]; ++b) {
            const auto sequence = static_cast<std::size_t>(b);
            const Index keys = test::index_of(lengths.keys[sequence]),
                        past = test::index_of(lengths.past[sequence]);
            const Index begin = cache ? keys : keys - past;
            const Index end = cache ? past + queries : queries;
            for (Index h = 0; h < heads; ++h)
                for (Index i = begin * width; i < end * width; ++i) {
                    const auto at = static_cast<std::size_t>(((b * heads) + h) * rows * width + i);
                    output.want.values[at] = output.got[at];
                    outcome.notes.insert("the padding of a prompt not compared");
                }
        }
    }
}

}  // namespace

Outcome run_ort_grouped_query(const TestCase& test, const Port& port) {
    refuse_what_is_not_offered(test);
    Inputs inputs = read_inputs(test);
    const Operand& query = inputs.query;
    const Lengths lengths(test, query.batches(), query.tokens());
    if (test.flag("do_rotary")) {
        rotate_new(test, port, inputs.query, lengths);
        rotate_new(test, port, inputs.key, lengths);
    }
    const Operand key = present(test.find("past_key"), inputs.key, lengths, "past_key");
    const Operand value = present(test.find("past_value"), inputs.value, lengths, "past_value");

    OutputMemory out(true, query.batches(), query.heads(), query.tokens(), value.width());
    AttendProblem problem{
        .query = query.view(), .key = key.view(), .value = value.view(), .out = out.view};
    problem.how.scale = static_cast<float>(test.real("scale", 0));  // 0: the default, to both
    problem.how.causal = true;
    problem.how.first_positions = lengths.past;
    problem.how.valid_keys = lengths.keys;
    // W counts the query's own key, the library's window does not. -1: no window.
    const std::int64_t window = test.integer("local_window_size", -1);
    if (window > 0) problem.how.window_left = window - 1;
    const auto softcap = static_cast<float>(test.real("softcap", 0));
    if (softcap > 0) problem.softcap = Softcap{softcap};

    std::vector<float> sinks;  // one more logit in the softmax: learned, or 0 for all
    if (const Array* learned = test.find("head_sink")) {
        sinks = learned->floats();
    } else if (test.integer("smooth_softmax", 0) == 1) {
        sinks.assign(static_cast<std::size_t>(query.heads()), 0.0f);
    }
    if (!sinks.empty()) problem.sinks = SinkLogits{sinks};

    std::optional<MaskMemory> mask;
    if (const Array* bias = test.find("attention_bias")) {
        mask.emplace(mask_array(*bias, "attention_bias"), query.batches(), query.heads(),
                     query.tokens(), key.tokens());
        mask->bind(problem);
    }
    run_attend(port, problem);

    Outcome outcome;
    outcome.add(test, "output", out.dims, out.values);
    outcome.add(test, "present_key", key.head_major_dims(), key.head_major_values());
    outcome.add(test, "present_value", value.head_major_dims(), value.head_major_values());
    ignore_padding(outcome, lengths, query.tokens());
    return outcome;
}

}  // namespace headroom::conformance
