#include "tools/layer_settings.hpp"

#include <CLI/CLI.hpp>

#include "tools/names.hpp"
#include "tools/relative_bias.hpp"
#include "tools/shape_code.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

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
    add_rotary_options(command, options.rotary);
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
        throw UserError("--scale " + number_text(*options.scale) +
                        ": must be a number other than 0");
    settings.how.window_left = options.window_left;
    settings.how.sink_tokens = options.sink_tokens;
    if (settings.how.causal && options.window_right > 0)
        throw UserError("--window-right: has no effect where no token sees a later one");
    // 0 says aloud what causal means, and hides no key that a sink would show again.
    settings.how.window_right = settings.how.causal ? -1 : options.window_right;
    if (options.sink_tokens > 0 && options.window_left < 0 && settings.how.window_right < 0) {
        throw UserError(std::string("--sink-tokens: has no effect without --window-left") +
                        (settings.how.causal ? "" : " or --window-right"));
    }
    settings.zero_key = options.zero_key;
    settings.chunk = options.chunk;
    settings.rotary = rotary_settings(options.rotary, layer);
    return settings;
}

std::vector<std::string> settings_text(const LayerRunOptions& options,
                                       const LayerSettings& settings, const LayerWeights& layer) {
    std::vector<std::string> lines;
    if (options.scale || settings.how.scale != 0) {
        lines.push_back("scale: " + number_text(settings.how.scale) +
                        (options.scale ? "" : "; other: --scale"));
    }
    if (settings.how.causal) {
        lines.push_back(std::string("causal: no token sees a later one") +
                        (options.causal ? "" : "; off: --no-causal"));
    }
    if (const std::string line = window_text(settings.how); !line.empty()) lines.push_back(line);
    if (settings.rotary) lines.push_back(rotary_text(options.rotary, *settings.rotary));
    if (layer.relative_bias.buckets > 0) {
        lines.push_back(
            "relative bias: " + std::to_string(layer.relative_bias.buckets) +
            " buckets, to a distance of " +
            std::to_string(options.largest_distance.value_or(RelativeBuckets{}.largest_distance)));
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
