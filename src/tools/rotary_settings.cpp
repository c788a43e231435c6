#include "tools/rotary_settings.hpp"

#include <cmath>
#include <map>
#include <span>
#include <vector>

#include <CLI/CLI.hpp>

#include "tools/names.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

const std::map<std::string, RotaryPairs> pair_names = {{"half", RotaryPairs::halves},
                                                       {"interleaved", RotaryPairs::interleaved}};
const std::map<std::string, RotaryScaling> scaling_names = {{"none", RotaryScaling::none},
                                                            {"linear", RotaryScaling::linear},
                                                            {"ntk", RotaryScaling::ntk},
                                                            {"yarn", RotaryScaling::yarn}};

template <class Value>
std::string name_in(const std::map<std::string, Value>& names, Value value) {
    for (const auto& [name, each] : names) {
        if (each == value) return name;
    }
    return {};
}

template <class Value>
CLI::Option* add_choice(CLI::App& command, const char* option,
                        const std::map<std::string, Value>& names, std::optional<Value>& to,
                        const char* text) {
    std::vector<std::string> words;
    words.reserve(names.size());
    for (const auto& [name, value] : names) words.push_back(name);
    return command
        .add_option_function<std::string>(
            option, [&names, &to](const std::string& name) { to = names.at(name); }, text)
        ->check(CLI::IsMember(words));
}

void add_scaling_options(CLI::App& command, RotaryOptions& options) {
    add_choice(command, "--rotary-scaling", scaling_names, options.scaling,
               "How angles are stretched; default: none. linear, ntk and yarn need "
               "--rotary-factor, yarn also --rotary-original-positions. (Llama 3.1's llama3 "
               "scaling is not supported.)");
    command
        .add_option("--rotary-factor", options.factor,
                    "linear, ntk, yarn: how much longer than in training.")
        ->check(CLI::Range(1.0, 1e9));
    command.add_option("--rotary-original-positions", options.original_positions,
                       "yarn: the length of the training's sequences.");
    command.add_option("--rotary-beta-fast", options.beta_fast, "yarn; default: 32.");
    command.add_option("--rotary-beta-slow", options.beta_slow, "yarn; default: 1.");
    command.add_option("--rotary-attention-factor", options.attention_factor,
                       "yarn: of cosines and sines; default: 0.1 ln(factor) + 1.");
}

// An option that changes nothing is a mistake, and its user would not notice it.
void refuse_idle(const RotaryOptions& o, bool rotates) {
    enum class Needs { rotation, scaling, yarn };
    struct Given {
        const char* name;
        bool given;
        Needs needs;
    };
    const Given all[] = {
        {"--rotary-dim", o.dim.has_value(), Needs::rotation},
        {"--rotary-base", o.base.has_value(), Needs::rotation},
        {"--rotary-scaling", o.scaling.has_value(), Needs::rotation},
        {"--rotary-factor", o.factor.has_value(), Needs::scaling},
        {"--rotary-original-positions", o.original_positions.has_value(), Needs::yarn},
        {"--rotary-beta-fast", o.beta_fast.has_value(), Needs::yarn},
        {"--rotary-beta-slow", o.beta_slow.has_value(), Needs::yarn},
        {"--rotary-attention-factor", o.attention_factor.has_value(), Needs::yarn},
    };
    const RotaryScaling scaling = o.scaling.value_or(RotaryScaling::none);
    for (const Given& option : all) {
        if (!option.given) continue;
        const std::string name = option.name;
        if (!rotates) {
            throw UserError(name + ": has no effect, this layer is not rotated" +
                            (o.off ? "" : "; give --rotary half or interleaved"));
        }
        if (option.needs == Needs::scaling && scaling == RotaryScaling::none)
            throw UserError(name + ": has no effect without --rotary-scaling linear, ntk or yarn");
        if (option.needs == Needs::yarn && scaling != RotaryScaling::yarn)
            throw UserError(name + ": has no effect without --rotary-scaling yarn");
    }
}

RotaryParameters parameters_of(const RotaryOptions& options, int head_dim) {
    RotaryParameters p;
    p.dim = options.dim.value_or(head_dim);
    p.base = options.base.value_or(p.base);
    p.scaling = options.scaling.value_or(p.scaling);
    p.factor = options.factor.value_or(p.factor);
    p.original_positions = options.original_positions.value_or(p.original_positions);
    p.beta_fast = options.beta_fast.value_or(p.beta_fast);
    p.beta_slow = options.beta_slow.value_or(p.beta_slow);
    p.attention_factor = options.attention_factor.value_or(p.attention_factor);
    return p;
}

// NaN is within no bounds.
void require_above(const char* option, double value, double bound, const std::string& bound_text) {
    if (value > bound && std::isfinite(value)) return;
    throw UserError(std::string(option) + " " + number_text(value) + ": must be above " +
                    bound_text);
}

void check_scaling(const RotaryOptions& options, const RotaryParameters& p) {
    if (p.scaling == RotaryScaling::none) return;
    const std::string scaling = "--rotary-scaling " + name_in(scaling_names, p.scaling);
    if (!options.factor) throw UserError(scaling + ": needs --rotary-factor");
    if (p.scaling == RotaryScaling::linear) return;
    if (p.dim <= 2)
        throw UserError(scaling + ": needs heads of which more than 2 elements are rotated");
    if (p.scaling == RotaryScaling::ntk) return;
    if (!options.original_positions)
        throw UserError(scaling + ": needs --rotary-original-positions");
    require_above("--rotary-original-positions", static_cast<double>(p.original_positions), 0, "0");
    require_above("--rotary-beta-slow", p.beta_slow, 0, "0");
    require_above("--rotary-beta-fast", p.beta_fast, p.beta_slow,
                  "--rotary-beta-slow, " + number_text(p.beta_slow));
    if (!(p.attention_factor >= 0 && p.attention_factor <= 1e9)) {
        throw UserError("--rotary-attention-factor " + number_text(p.attention_factor) +
                        ": must be above 0 and at most 1e9, or 0 for the default");
    }
}

void check_angles(const RotaryOptions& options, const RotaryParameters& p, int head_dim) {
    if (p.dim % 2 != 0 || p.dim > head_dim) {
        throw UserError("--rotary-dim " + std::to_string(p.dim) +
                        ": must be even and at most the head's width, " + std::to_string(head_dim));
    }
    require_above("--rotary-base", p.base, 1, "1");
    check_scaling(options, p);
    std::vector<float> angles(static_cast<std::size_t>(p.dim));  // of one position: a trial
    const std::span<float> all = angles;
    if (build_rotary(p, 0, 1, all.first(all.size() / 2), all.last(all.size() / 2)).ok()) return;
    throw UserError("--rotary-base, --rotary-factor: the library makes no angles of them");
}

}  // namespace

void add_rotary_options(CLI::App& command, RotaryOptions& options) {
    CLI::Option* const none = command.add_flag("--no-rotary", options.off,
                                               "Do not rotate, whatever the convention says.");
    add_choice(command, "--rotary", pair_names, options.pairs,
               "Rotate queries and keys: half (Llama) or interleaved (GPT-J) pairs.")
        ->excludes(none);
    command.add_option("--rotary-dim", options.dim, "Rotated elements of a head; default: all.")
        ->check(CLI::Range(2, 65536));
    command.add_option("--rotary-base", options.base, "The model's rope_theta; default: 10000.")
        ->check(CLI::Range(1.0, 1e100));
    add_scaling_options(command, options);
}

std::optional<RotaryComputed> rotary_settings(const RotaryOptions& options,
                                              const LayerWeights& layer) {
    const bool rotates = !options.off && (options.pairs || layer.parts.convention->rotary);
    refuse_idle(options, rotates);
    if (!rotates) return std::nullopt;
    const RotaryParameters parameters = parameters_of(options, layer.shape.head_dim);
    check_angles(options, parameters, layer.shape.head_dim);
    return RotaryComputed{parameters, options.pairs.value_or(RotaryPairs::halves)};
}

std::string rotary_text(const RotaryOptions& options, const RotaryComputed& rotary) {
    const RotaryParameters& p = rotary.parameters;
    std::string text = "rotary: " + name_in(pair_names, rotary.pairs) + ", " +
                       std::to_string(p.dim) + " elements, base " + number_text(p.base);
    if (!options.base) text += " assumed (--rotary-base, config.json's rope_theta)";
    if (p.scaling != RotaryScaling::none)
        text += ", " + name_in(scaling_names, p.scaling) + " scaling by " + number_text(p.factor);
    return text + (options.pairs ? "" : "; off: --no-rotary");
}

}  // namespace headroom::tools
