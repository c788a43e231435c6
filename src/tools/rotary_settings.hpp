// How a layer rotates its queries and keys: the options, and what its convention says without them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <headroom/rotary.hpp>

#include "tools/layer_weights.hpp"

namespace CLI {
class App;
}

namespace headroom::tools {

/// Empty: not given.
struct RotaryOptions {
    std::optional<RotaryPairs> pairs = {};  ///< Neither this nor off: as the convention says.
    bool off = false;
    std::optional<int> dim = {};  ///< Default: the whole head.
    std::optional<double> base = {};
    std::optional<RotaryScaling> scaling = {};
    std::optional<double> factor = {};
    std::optional<std::int64_t> original_positions = {};
    std::optional<double> beta_fast = {}, beta_slow = {}, attention_factor = {};
};

/// --rotary, --no-rotary, --rotary-base and the like.
void add_rotary_options(CLI::App& command, RotaryOptions& options);

/// Empty where nothing is rotated. Throws UserError for options that make no angles, contradict
/// each other or have no effect.
std::optional<RotaryComputed> rotary_settings(const RotaryOptions& options,
                                              const LayerWeights& layer);

/// The settings in words, with the options that would change what no option said.
std::string rotary_text(const RotaryOptions& options, const RotaryComputed& rotary);

}  // namespace headroom::tools
