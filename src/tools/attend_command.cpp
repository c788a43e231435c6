// headroom attend: ONNX's Attention on tensors in .npy files.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "tools/attend_files.hpp"
#include "tools/attend_run.hpp"
#include "tools/commands.hpp"
#include "tools/mask_check.hpp"
#include "tools/names.hpp"
#include "tools/onnx_attend.hpp"
#include "tools/port_choice.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

struct AttendOptions {
    AttendPaths paths;
    OnnxAttributes attributes;
    float scale = 0;
    std::int64_t causal_offset = 0;
    std::string port;
    std::string stage = "softmax";
    bool mask_may_hide_all = false;
};

void check_numbers(const OnnxAttributes& attributes) {
    if (!std::isfinite(attributes.scale.value_or(1))) throw UserError("--scale: must be finite");
    const float cap = attributes.softcap;
    if (!std::isfinite(cap) || cap < 0) {
        throw UserError("--softcap " + number_text(static_cast<double>(cap), 6) +
                        ": must be a finite number above 0, or 0 for none");
    }
    if (cap != 0 && !std::isfinite(1 / cap))
        throw UserError("--softcap " + number_text(static_cast<double>(cap), 6) +
                        ": is too small, its inverse is infinite");
}

bool has_positions(const OnnxAttributes& attributes) {
    return attributes.causal || attributes.window_left >= 0 || attributes.window_right >= 0;
}

// ONNX counts from the end: a surprise where the padding is behind a prompt.
std::vector<std::string> position_notes(const AttendProblem& problem, const std::string& file) {
    const Attention& how = problem.how;
    for (std::size_t batch = 0; batch < how.first_positions.size(); ++batch) {
        if (how.first_positions[batch] >= 0) continue;
        return {file + ": " + counted(how.valid_keys[batch], "valid key") + " and " +
                counted(problem.query.tokens, "query", "queries") +
                " put the first query of batch " + std::to_string(batch) + " at position " +
                std::to_string(how.first_positions[batch]) +
                "; for a right-padded prompt give --causal-offset 0"};
    }
    return {};
}

std::vector<std::string> not_finite(const AttendInputs& inputs) {
    FiniteCheck check;
    for (const NpyArray* const array : {&inputs.query(), &inputs.key(), &inputs.value()})
        check.add(array->name, array->floats());
    return check.warnings();
}

// What the option --heads made of a last dimension.
std::string reading_of(const AttendProblem& problem) {
    const ConstTensor &q = problem.query, &k = problem.key;
    std::string text = "read as " + counted(q.batches, "sequence") + ", " +
                       counted(q.tokens, "token") + ", " + counted(q.heads, "head") + " of " +
                       std::to_string(q.width);
    if (k.heads != q.heads) text += "; keys and values: " + counted(k.heads, "head");
    return text;
}

Stage stage_of(const std::string& name) {
    static const std::map<std::string, Stage> stages = {{"raw", Stage::raw},
                                                        {"softcap", Stage::softcap},
                                                        {"bias", Stage::bias},
                                                        {"softmax", Stage::softmax}};
    return stages.at(name);
}

// Which queries and keys are the same tokens no file says; as many keys as there are tokens up to
// the last query are most likely theirs.
bool is_self_attention(const AttendProblem& problem) {
    const Attention& how = problem.how;
    return how.first_positions.empty() &&
           how.first_position + problem.query.tokens == problem.key.tokens;
}

void run(const AttendOptions& options) {
    check_numbers(options.attributes);
    if (options.attributes.causal_offset && !has_positions(options.attributes)) {
        throw UserError(
            "--causal-offset: has no effect without --causal, --window-left or --window-right");
    }
    if (options.attributes.causal && options.attributes.window_right > 0)
        throw UserError("--window-right: has no effect with --causal");
    const Port& port = choose_port(options.port).port;
    const AttendInputs inputs(options.paths);
    OnnxAttributes attributes = options.attributes;
    const bool heads_needed = inputs.key().rank() == 3 || inputs.value().rank() == 3;
    if (attributes.kv_heads == 0 && heads_needed) attributes.kv_heads = attributes.heads;
    const OnnxAttend attend(inputs.read(), attributes);
    print_warnings(not_finite(inputs));
    if (has_positions(attributes))
        print({.notes = position_notes(attend.problem(), options.paths.valid_keys)});
    print(check_mask(attend.problem(), {.name = options.paths.mask,
                                        .self = is_self_attention(attend.problem()),
                                        .may_hide_all = options.mask_may_hide_all}));

    const InterruptWatch watch;  // from the first temporary file to the last
    AttendOutputs outputs(options.paths);
    const AttendProblem& problem = attend.problem();
    const WeightsRequest weights{stage_of(options.stage),
                                 outputs.weights_writer(problem, inputs.query())};
    {
        Progress progress("attend", static_cast<double>(problem.query.batches) *
                                        static_cast<double>(problem.query.tokens));
        attend_in_pieces(port, problem, queries_at_once(problem, static_cast<bool>(weights.show)),
                         weights, progress, watch);
    }
    outputs.write_out(attend.out(), inputs.query());
    outputs.write_present_key(inputs.past_key(), inputs.key(), attend.key());
    outputs.write_present_value(inputs.past_value(), inputs.value(), attend.value());
    watch.throw_if_interrupted();
    outputs.commit(port.name);
    if (inputs.query().rank() == 3) std::printf("  %s\n", reading_of(problem).c_str());
}

void add_tensors(CLI::App& command, AttendOptions& options) {
    AttendPaths& paths = options.paths;
    const auto file = [&](const char* option, std::string& path, const char* text) {
        return command.add_option(option, path, text)->type_name("FILE");
    };
    file("--q", paths.query, "Queries.")->required();
    file("--k", paths.key, "Keys.")->required();
    file("--v", paths.value, "Values.")->required();
    CLI::Option* const mask =
        file("--mask", paths.mask,
             "Mask, broadcast to [batch, heads, queries, keys]: bool, true lets a key be seen; or "
             "numbers that are added to the scores, -inf hides. Keys beyond a shorter mask are "
             "hidden.");
    command
        .add_flag("--mask-may-hide-all", options.mask_may_hide_all,
                  "Accept a --mask that leaves queries, or even all, without a key.")
        ->needs(mask);
    CLI::Option* const past_key = file("--past-key", paths.past_key, "Keys before those of --k.");
    CLI::Option* const past_value =
        file("--past-value", paths.past_value, "Values before those of --v.");
    past_key->needs(past_value);
    past_value->needs(past_key);
    file("--valid-keys", paths.valid_keys,
         "Keys of each batch before its padding, int64 [batch]. With --causal or a window the last "
         "query stands on the last valid key; for a right-padded prompt give --causal-offset 0.")
        ->excludes(past_key);

    file("--out", paths.out, "Write the result to this file.")->required();
    file("--present-key", paths.present_key, "Write past and new keys to this file.");
    file("--present-value", paths.present_value, "Write past and new values to this file.");
}

void add_attributes(CLI::App& command, AttendOptions& options) {
    OnnxAttributes& attributes = options.attributes;
    // The library's bound of positions; that of the last query lies behind the first one's.
    const std::int64_t far = std::int64_t{1} << 61, first = far / 2;
    CLI::Range heads(Index{1}, Index{1} << 20), window(std::int64_t{-1}, far),
        offset(-first, first);
    for (CLI::Range* const range : {&heads, &window, &offset}) range->description("");
    command.add_option("--heads", attributes.heads, "Heads of 3-D queries.")->check(heads);
    command
        .add_option("--kv-heads", attributes.kv_heads,
                    "Heads of 3-D keys and values; default: --heads.")
        ->check(heads);
    command.add_flag("--causal", attributes.causal, "A query sees no key behind its own position.");
    command
        .add_option("--causal-offset", options.causal_offset,
                    "Position of the first query among the keys; default: the length of the "
                    "past, or with --valid-keys that number less the queries, or 0.")
        ->check(offset);
    command
        .add_option("--window-left", attributes.window_left,
                    "Keys seen before a query's own position; -1: no bound.")
        ->check(window);
    command
        .add_option("--window-right", attributes.window_right,
                    "Keys seen behind a query's own position; -1: no bound.")
        ->check(window);
    command.add_option("--scale", options.scale,
                       "Factor of the scores; default: 1 / sqrt(width of a key).");
    command.add_option("--softcap", attributes.softcap,
                       "Bound of the scores, c * tanh(s / c), above 0; 0: none.");
}

void add_weights(CLI::App& command, AttendOptions& options) {
    CLI::Option* const file =
        command
            .add_option("--weights-out", options.paths.weights,
                        "Write the weights, [batch, heads, queries, keys], to this file.")
            ->type_name("FILE");
    command
        .add_option("--weights-stage", options.stage,
                    "What the weights are: raw scores, after softcap, after bias and masks, or "
                    "after softmax (default).")
        ->needs(file)
        ->check(CLI::IsMember({"raw", "softcap", "bias", "softmax"}));
}

}  // namespace

void add_attend_command(CLI::App& app) {
    CLI::App* const command =
        app.add_subcommand("attend", "Compute attention on tensors in .npy files.");
    const auto options = std::make_shared<AttendOptions>();
    add_tensors(*command, *options);
    add_attributes(*command, *options);
    add_weights(*command, *options);
    command->add_option("--port", options->port, "Port to run on; default: the best one.");
    command->footer(
        "The files are .npy. Tensors are 4-D, [batch, heads, tokens, width], or 3-D, [batch,\n"
        "tokens, heads * width]; past and present are 4-D. Options mean what ONNX's Attention "
        "says.\n"
        "The heads of --q are a multiple of those of --k and --v (grouped queries); the values "
        "may\n"
        "have another width. float32, float16 and float64 are read; it is computed in float32; "
        "the\n"
        "result and the weights have the type of --q, rounded to the nearest. A query that sees "
        "no\n"
        "key gives 0.\n"
        "\n"
        "Examples:\n"
        "  headroom attend --q Q.npy --k K.npy --v V.npy --causal --out Y.npy\n"
        "  headroom attend --q Q.npy --k K.npy --v V.npy --heads 8 --mask M.npy --out Y.npy \\\n"
        "                  --weights-stage softmax --weights-out W.npy\n"
        "  headroom attend --q q.npy --k k.npy --v v.npy --causal --out y.npy \\\n"
        "                  --past-key PK.npy --past-value PV.npy \\\n"
        "                  --present-key PK.npy --present-value PV.npy");
    command->callback([command, options] {
        OnnxAttributes& attributes = options->attributes;
        if (command->count("--scale") > 0) attributes.scale = options->scale;
        if (command->count("--causal-offset") > 0)
            attributes.causal_offset = options->causal_offset;
        run(*options);
    });
}

}  // namespace headroom::tools
