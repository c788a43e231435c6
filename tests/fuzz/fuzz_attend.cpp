// What `headroom attend` does behind the parser: tensors of any shapes and attributes are refused
// in one line, or the library solves what they make, in pieces with the bits of the whole.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <headroom/port.hpp>

#include "fuzz/arrays.hpp"
#include "fuzz/input.hpp"
#include "support/memory.hpp"
#include "tools/attend_run.hpp"
#include "tools/interrupt.hpp"
#include "tools/mask_check.hpp"
#include "tools/onnx_attend.hpp"
#include "tools/user_error.hpp"

namespace {

using namespace headroom;
using namespace headroom::tools;
using namespace headroom::fuzz;

// The sizes that the inputs agree in, unless a draw says otherwise.
struct Sizes {
    Index batches, heads, kv_heads, queries, keys, past, width, value_width;
};

Sizes draw_sizes(Input& input) {
    const auto below = [&](std::size_t n) { return static_cast<Index>(input.choice(n)); };
    Sizes sizes{};
    sizes.batches = below(3);
    sizes.kv_heads = 1 + below(2);
    sizes.heads = sizes.kv_heads * (1 + below(2));
    sizes.queries = below(5);
    sizes.keys = below(7);
    sizes.past = below(4);
    sizes.width = 1 + below(5);
    sizes.value_width = 1 + below(5);
    return sizes;
}

OnnxAttributes draw_attributes(Input& input, const Sizes& sizes) {
    constexpr std::int64_t far = std::int64_t{1} << 61;
    OnnxAttributes a;
    a.heads = input.choice(8) == 0 ? 3 : sizes.heads;
    a.kv_heads = input.choice(8) == 0 ? 0 : sizes.kv_heads;
    a.scale = maybe(input, {0.5f, 0.0f, -3.0f, 3e38f});
    a.softcap = maybe(input, {0.25f, 50.0f, 3e38f}).value_or(0);
    a.causal = input.choice(2) == 1;
    a.window_left = maybe(input, {std::int64_t{0}, std::int64_t{2}, far}).value_or(-1);
    a.window_right = maybe(input, {std::int64_t{0}, std::int64_t{2}, far}).value_or(-1);
    a.causal_offset =
        maybe(input, {std::int64_t{0}, std::int64_t{-3}, std::int64_t{4}, far / 2, -far / 2});
    return a;
}

// One tensor, 4-D or 3-D; a few patterns break its shape.
FloatArray draw_tensor(Input& input, Arrays& memory, const char* name, const Dims& four,
                       bool may_be_flat) {
    const std::uint8_t kind = input.take<std::uint8_t>();
    const std::uint8_t pattern = input.take<std::uint8_t>();
    Dims dims = four;
    if (may_be_flat && kind % 2 == 1) dims = {four[0], four[2], four[1] * four[3]};
    if (kind >= 248) dims[kind % dims.size()] += kind % 3 == 0 ? 1 : -std::min<Index>(1, dims[0]);
    if (kind == 247) dims.pop_back();
    for (Index& n : dims) n = std::max<Index>(n, 0);
    const NpyArray& array = *memory.add(name, Dtype::float32, dims, pattern);
    return {name, dims, array.floats()};
}

std::optional<MaskArray> draw_mask(Input& input, Arrays& memory, const Sizes& s, Index keys) {
    const std::size_t rank = input.choice(10);
    Dims dims = {1, s.batches, s.heads, s.queries, keys};
    for (Index& n : dims) {
        const std::size_t how = input.choice(8);
        if (how < 2) n = 1;
        if (how == 2) n = std::max<Index>(n - 1, 0);
        if (how == 3) n += input.choice(8) == 0 ? 1 : 0;
    }
    const std::uint8_t pattern = input.take<std::uint8_t>();
    const Dtype dtype = input.choice(2) == 1 ? Dtype::boolean : Dtype::float32;
    if (rank > 5) return std::nullopt;
    dims.erase(dims.begin(), dims.end() - static_cast<std::ptrdiff_t>(rank));
    return mask_of(*memory.add("mask", dtype, dims, pattern));
}

OnnxInputs draw_inputs(Input& input, Arrays& memory, const Sizes& s) {
    const std::size_t extra = input.choice(4);
    const Index past = extra == 1 ? s.past : 0;
    OnnxInputs in;
    in.query = draw_tensor(input, memory, "q", {s.batches, s.heads, s.queries, s.width}, true);
    in.key = draw_tensor(input, memory, "k", {s.batches, s.kv_heads, s.keys, s.width}, true);
    in.value =
        draw_tensor(input, memory, "v", {s.batches, s.kv_heads, s.keys, s.value_width}, true);
    in.mask = draw_mask(input, memory, s, s.keys + past);
    if (extra == 1) {
        in.past_key =
            draw_tensor(input, memory, "pk", {s.batches, s.kv_heads, past, s.width}, false);
        in.past_value =
            draw_tensor(input, memory, "pv", {s.batches, s.kv_heads, past, s.value_width}, false);
    }
    if (extra == 2) {
        LengthArray lengths{"lengths", {s.batches}, {}};
        for (Index b = 0; b < s.batches; ++b)
            lengths.values.push_back(static_cast<std::int64_t>(input.choice(8)) - 1);
        in.valid_keys = lengths;
    }
    return in;
}

// In pieces, with the weights of each.
std::vector<float> solve_in_pieces(const OnnxAttend& attend, Index at_once, Stage stage,
                                   std::vector<float>& weights) {
    const AttendProblem& problem = attend.problem();
    const Index heads = problem.query.heads, queries = problem.query.tokens;
    const ShowWeights show = [&](Index batch, Index first, const WeightsCollector& piece) {
        const Index count = piece.dims()[2] * problem.key.tokens;
        for (Index h = 0; h < heads; ++h) {
            const Index row = (batch * heads + h) * queries + first;
            std::copy_n(piece.values().begin() + h * count, count,
                        weights.begin() + row * problem.key.tokens);
        }
    };
    Progress progress("fuzz", 1);
    // What OnnxAttend accepts the library must not refuse: its message would name no file.
    try {
        attend_in_pieces(best_port(), problem, at_once, {stage, show}, progress, InterruptWatch());
    } catch (const UserError& error) {
        require(false, error.what());
    }
    return attend.out().values;
}

void solve_twice(const OnnxAttend& attend, Index at_once, Stage stage) {
    AttendProblem whole = attend.problem();
    const ConstTensor& q = whole.query;
    WeightsCollector weights(q.batches, q.heads, q.tokens, whole.key.tokens);
    whole.weights = weights.callback(stage);
    std::vector<float> piece_weights(weights.values().size(), 0.0f);
    const std::vector<float> pieces = solve_in_pieces(attend, at_once, stage, piece_weights);
    if (q.batches == 0) return;  // no call for the library

    const test::Arena scratch(scratch_bytes_of(whole));
    const Result result = solve(best_port(), whole, scratch.span());
    require(result.ok(), describe(result.status));
    const std::vector<float>& out = attend.out().values;
    require(std::equal(out.begin(), out.end(), pieces.begin(), pieces.end(), same_bits),
            "pieces have the bits of the whole");
    require(std::equal(weights.values().begin(), weights.values().end(), piece_weights.begin(),
                       piece_weights.end(), same_bits),
            "and so have their weights");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const Sizes sizes = draw_sizes(input);
    const OnnxAttributes attributes = draw_attributes(input, sizes);
    const bool may_hide_all = input.choice(2) == 1;
    const auto at_once = static_cast<Index>(1 + input.choice(4));
    const auto stage = static_cast<Stage>(input.choice(4));
    Arrays memory;
    try {
        const OnnxAttend attend(draw_inputs(input, memory, sizes), attributes);
        const Remarks remarks = check_mask(
            attend.problem(), {.name = "mask", .self = true, .may_hide_all = may_hide_all});
        for (const std::string& line : remarks.warnings) require_line(line);
        for (const std::string& line : remarks.notes) require_line(line);
        solve_twice(attend, at_once, stage);
    } catch (const UserError& error) {
        require_line(error.what());
    } catch (const Interrupted& interrupted) {  // the fuzzer itself is asked to end
        end_by(interrupted);
    }
    return 0;
}
