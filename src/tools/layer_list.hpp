// What `--list` prints: the layers that a file holds.
#pragma once

#include <string>

#include "tools/layer_weights.hpp"

namespace headroom::tools {

/// A line for each layer: the prefix to give, the convention, the type of its weights, its shape in
/// words; or what is wrong with it. `options.heads` and `head_dim`, if given, make heads of it.
/// Throws UserError, naming the file, if there is none.
std::string layer_list(const Safetensors& file, const LayerOptions& options);

/// What a program must pass beside the packed weights to do what the layer's model does, one line
/// each; empty if nothing.
std::vector<std::string> run_time_notes(const LayerWeights& layer);

}  // namespace headroom::tools
