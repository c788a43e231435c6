// What a layer does besides its weights: the options, and what its convention says without them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/layer_run.hpp"
#include "tools/layer_weights.hpp"
#include "tools/rotary_settings.hpp"

namespace CLI {
class App;
}

namespace headroom::tools {

struct LayerRunOptions {
    std::optional<bool> causal;
    std::optional<float> scale;
    std::int64_t window_left = -1, window_right = -1, sink_tokens = 0;

    RotaryOptions rotary;
    bool zero_key = false;
    std::optional<int> largest_distance;  ///< Of T5's relative bias; default: RelativeBuckets'.
    Index chunk = 0;
};

/// --causal, --scale, --window-left, --rotary and the like; --chunk only if it is of use.
void add_run_options(CLI::App& command, LayerRunOptions& options, bool with_chunk);

/// Options first, then the convention. Throws UserError where options contradict each other or have
/// no effect.
LayerSettings layer_settings(const LayerRunOptions& options, const LayerWeights& layer);

/// The settings in words, one line each, with the options that would change what no option said.
std::vector<std::string> settings_text(const LayerRunOptions& options,
                                       const LayerSettings& settings, const LayerWeights& layer);

/// "read as PyTorch: headroom::Shape{...}", without the sizes of one run.
std::string reading_text(const LayerWeights& layer, Shape shape);

}  // namespace headroom::tools
