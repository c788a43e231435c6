// The options of a command that runs a layer, and the files that they name.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/layer_settings.hpp"
#include "tools/layer_weights.hpp"
#include "tools/npy.hpp"
#include "tools/output_check.hpp"

namespace CLI {
class App;
}

namespace headroom::tools {

struct LayerJobOptions {
    std::string weights;
    LayerOptions layer;
    LayerRunOptions run;
    std::string x, context, context_values, mask, valid_keys;  ///< .npy files; empty: none.
    bool mask_may_hide_all = false;
};

/// --weights and its like, --x, --context, --context-values, --mask, --valid-keys, and the options
/// of layer_settings.hpp.
void add_job_options(CLI::App& command, LayerJobOptions& options, bool with_chunk);

/// The files of the options, all of which are read.
std::vector<NamedFile> input_files(const LayerJobOptions& options);

/// What a layer is run on, as files hold it; null: not given. Views.
struct LayerArrays {
    const NpyArray* x = nullptr;
    const NpyArray* context = nullptr;
    const NpyArray* context_values = nullptr;  ///< Null, but a context: that.
    const NpyArray* mask = nullptr;
    const NpyArray* valid_keys = nullptr;
};

/// The .npy files of the options, mapped.
class LayerFiles {
public:
    /// Throws UserError, naming the file, if one cannot be read, and if there is no --x.
    explicit LayerFiles(const LayerJobOptions& options);

    /// Refers to this object.
    LayerArrays arrays() const;

private:
    std::optional<NpyFile> x_, context_, context_values_, mask_, valid_keys_;
};

}  // namespace headroom::tools
