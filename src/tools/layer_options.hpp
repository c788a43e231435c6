// The options of every command that takes a layer out of a file of weights.
#pragma once

#include <string>

#include "tools/layer_weights.hpp"

namespace CLI {
class App;
}

namespace headroom::tools {

/// --weights, --prefix, --heads, --kv-heads, --head-dim, --value-dim.
void add_layer_options(CLI::App& command, std::string& weights, LayerOptions& layer);

/// Throws UserError if the command was given options that change nothing of what --list prints.
void refuse_idle_with_list(const CLI::App& command);

/// The help text about the names that are known.
extern const char* const convention_help;

}  // namespace headroom::tools
