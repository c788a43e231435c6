#include "tools/layer_settings.hpp"

#include <cstdio>
#include <map>

#include <CLI/CLI.hpp>

#include "tools/names.hpp"
#include "tools/shape_code.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

const std::map<std::string, RotaryPairs> pair_names = {{"half", RotaryPairs::halves},
                                                       {"interleaved", RotaryPairs::interleaved}};
const std::map<std::string, RotaryScaling> scaling_names = {{"none", RotaryScaling::none},
                                                            {"linear", RotaryScaling::linear},
                                                            {"ntk", RotaryScaling::ntk},
                                                            {"yarn", RotaryScaling::yarn}};

std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.9g", value);
    return text;
}

template <class Value>
std::string name_in(const std::map<std::string, Value>& names, Value value) {
    for (const auto& [name, each] : names) {
        if (each == value) return name;
    }
    return {};
}

template <class Value>
CLI::IsMember one_of(const std::map<std::string, Value>& names) {
    std::vector<std::string> keys;
    keys.reserve(names.size());
    for (const auto& [name, value] : names) keys.push_back(name);
    return CLI::IsMember(keys);
}

void add_rotary_options(CLI::App& command, LayerRunOptions& options) {
    RotaryParameters& p = options.rotary_parameters;
    CLI::Option* const none = command.add_flag("--no-rotary", options.no_rotary,
                                               "Do not rotate, whatever the convention says.");
    command
        .add_option_function<std::string>(
            "--rotary",
            [&options](const std::string& name) { options.rotary = pair_names.at(name); },
            "Rotate queries and keys: half (Llama) or interleaved (GPT-J) pairs.")
        ->check(one_of(pair_names))
        ->excludes(none);
    command.add_option("--rotary-dim", p.dim, "Rotated elements of a head; default: all.")
        ->check(CLI::Range(2, 65536));
    command
        .add_option_function<double>(
            "--rotary-base",
            [&options](double base) {
                options.rotary_parameters.base = base;
                options.base_given = true;
            },
            "The model's rope_theta; default: 10000.")
        ->check(CLI::Range(1.0, 1e100));
    CLI::Option* const scaling =
        command
            .add_option_function<std::string>(
                "--rotary-scaling",
                [&p](const std::string& name) { p.scaling = scaling_names.at(name); },
                "How angles are stretched; default: none. (Llama 3.1's llama3 scaling is not "
                "supported.)")
            ->check(one_of(scaling_names));
    command
        .add_option_function<double>(
            "--rotary-factor",
            [&options](double factor) {
                options.rotary_parameters.factor = factor;
                options.factor_given = true;
            },
            "How much longer than in training.")
        ->needs(scaling)
        ->check(CLI::Range(1.0, 1e9));
    command
        .add_option("--rotary-original-positions", p.original_positions,
                    "yarn: the length of the training's sequences.")
        ->needs(scaling);
    command.add_option("--rotary-beta-fast", p.beta_fast, "yarn; default: 32.")->needs(scaling);
    command.add_option("--rotary-beta-slow", p.beta_slow, "yarn; default: 1.")->needs(scaling);
    command
        .add_option("--rotary-attention-factor", p.attention_factor,
                    "yarn: of cosines and sines; default: 0.1 ln(factor) + 1.")
        ->needs(scaling);
}

void check_rotary(const RotaryParameters& p, int head_dim) {
    if (p.dim % 2 != 0 || p.dim > head_dim) {
        throw UserError("--rotary-dim " + std::to_string(p.dim) +
                        ": must be even and at most the head's width, " + std::to_string(head_dim));
    }
    std::vector<float> angles(static_cast<std::size_t>(p.dim));  // of one position: a trial
    const std::span<float> all = angles;
    if (build_rotary(p, 0, 1, all.first(all.size() / 2), all.last(all.size() / 2)).ok()) return;
    throw UserError(
        "--rotary...: these parameters make no angles (base > 1, factor >= 1; yarn also "
        "needs --rotary-original-positions > 0 and beta-fast > beta-slow > 0)");
}

std::string window_text(const Attention& how) {
    if (how.window_left < 0 && how.window_right < 0) return {};
    const auto keys = [](std::int64_t count) {
        return count < 0 ? std::string("all keys") : counted(count, "key");
    };
    std::string text = "window: " + keys(how.window_left) + " before a query's own";
    if (!how.causal) text += ", " + keys(how.window_right) + " after it";
    if (how.sink_tokens > 0) text += ", and the first " + std::to_string(how.sink_tokens);
    return text;
}

std::string rotary_text(const LayerRunOptions& options, const RotaryComputed& rotary) {
    const RotaryParameters& p = rotary.parameters;
    std::string text = "rotary: " + name_in(pair_names, rotary.pairs) + ", " +
                       std::to_string(p.dim) + " elements, base " + number(p.base);
    if (!options.base_given) text += " assumed (--rotary-base, config.json's rope_theta)";
    if (p.scaling == RotaryScaling::none) return text;
    return text + ", " + name_in(scaling_names, p.scaling) + " scaling by " + number(p.factor);
}

bool rotates(const LayerRunOptions& options, const LayerWeights& layer) {
    return !options.no_rotary && (options.rotary || layer.parts.convention->rotary);
}

}  // namespace

void add_run_options(CLI::App& command, LayerRunOptions& options, bool with_chunk) {
    CLI::Range tokens(std::int64_t{0}, std::int64_t{1} << 40);
    CLI::Range at_least_one(Index{1}, Index{1} << 40);
    tokens.description("");
    at_least_one.description("");
    CLI::Option* const not_causal = command.add_flag_callback(
        "--no-causal", [&options] { options.causal = false; },
        "Tokens see later ones, whatever the convention says.");
    command
        .add_flag_callback(
            "--causal", [&options] { options.causal = true; },
            "No token sees a later one; default: as the convention says.")
        ->excludes(not_causal);
    command.add_option("--scale", options.scale,
                       "Factor of the scores; default: 1 / sqrt(head width), for T5 1.");
    command.add_option("--window-left", options.window_left, "Keys seen before a query's own.")
        ->check(tokens);
    command.add_option("--window-right", options.window_right, "Keys seen after a query's own.")
        ->check(tokens);
    command
        .add_option("--sink-tokens", options.sink_tokens,
                    "First tokens that every query sees in spite of the window.")
        ->check(tokens);
    add_rotary_options(command, options);
    command.add_flag("--zero-attn", options.zero_key, "The module has PyTorch's add_zero_attn.");
    command
        .add_option("--relative-max-distance", options.largest_distance,
                    "T5's relative_attention_max_distance; default: 128.")
        ->check(CLI::Range(1, 1 << 30));
    if (with_chunk) {
        command
            .add_option("--chunk", options.chunk,
                        "Tokens for each call of the library; changes no bit of the output.")
            ->check(at_least_one);
    }
}

LayerSettings layer_settings(const LayerRunOptions& options, const LayerWeights& layer) {
    const Convention& convention = *layer.parts.convention;
    LayerSettings settings;
    settings.how.causal = options.causal.value_or(is_causal(convention, layer.parts.prefix));
    settings.how.scale = options.scale.value_or(convention.unscaled ? 1.0f : 0.0f);
    if (options.scale && !(std::abs(*options.scale) > 0 && std::isfinite(*options.scale)))
        throw UserError("--scale " + number(*options.scale) + ": must be a number other than 0");
    settings.how.window_left = options.window_left;
    settings.how.window_right = options.window_right;
    settings.how.sink_tokens = options.sink_tokens;
    if (options.sink_tokens > 0 && options.window_left < 0 && options.window_right < 0)
        throw UserError("--sink-tokens: has no effect without --window-left or --window-right");
    settings.zero_key = options.zero_key;
    settings.chunk = options.chunk;
    if (rotates(options, layer)) {
        RotaryParameters parameters = options.rotary_parameters;
        if (parameters.dim == 0) parameters.dim = layer.shape.head_dim;
        check_rotary(parameters, layer.shape.head_dim);
        if (parameters.scaling != RotaryScaling::none && !options.factor_given) {
            throw UserError("--rotary-scaling " + name_in(scaling_names, parameters.scaling) +
                            ": needs --rotary-factor");
        }
        settings.rotary = {parameters, options.rotary.value_or(RotaryPairs::halves)};
    } else if (options.rotary_parameters.dim != 0 || options.base_given ||
               options.rotary_parameters.scaling != RotaryScaling::none) {
        throw UserError(
            "--rotary-...: this layer is not rotated; give --rotary half or "
            "interleaved");
    }
    return settings;
}

std::vector<std::string> settings_text(const LayerRunOptions& options,
                                       const LayerSettings& settings, const LayerWeights& layer) {
    std::vector<std::string> lines;
    if (options.scale || settings.how.scale != 0) {
        lines.push_back("scale: " + number(settings.how.scale) +
                        (options.scale ? "" : "; other: --scale"));
    }
    if (settings.how.causal) {
        lines.push_back(std::string("causal: no token sees a later one") +
                        (options.causal ? "" : "; off: --no-causal"));
    }
    if (const std::string line = window_text(settings.how); !line.empty()) lines.push_back(line);
    if (settings.rotary)
        lines.push_back(rotary_text(options, *settings.rotary) +
                        (options.rotary ? "" : "; off: --no-rotary"));
    if (layer.relative_bias.buckets > 0) {
        lines.push_back("relative bias: " + std::to_string(layer.relative_bias.buckets) +
                        " buckets, to a distance of " + std::to_string(options.largest_distance));
    }
    if (settings.zero_key) lines.emplace_back("zero key: as PyTorch's add_zero_attn");
    return lines;
}

std::string reading_text(const LayerWeights& layer, Shape shape) {
    shape.max_queries = 1;
    shape.max_keys = 0;
    return std::string("read as ") + layer.parts.convention->name + ": headroom::Shape" +
           shape_code(shape);
}

}  // namespace headroom::tools
