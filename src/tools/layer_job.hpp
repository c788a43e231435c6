// A layer and its inputs, as a command's options name them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tools/layer_run.hpp"
#include "tools/layer_settings.hpp"
#include "tools/layer_weights.hpp"
#include "tools/mask_memory.hpp"
#include "tools/remarks.hpp"

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

/// Throws UserError if `output` is one of the files that are read, of these options or others.
void refuse_to_overwrite_inputs(const std::string& output, const LayerJobOptions& options,
                                const std::vector<std::string>& others = {});

/// Tokens of a .npy file: [tokens][width] or [batches][tokens][width].
struct TokenFile {
    std::string name;
    bool batched = false;
    Index batches = 1, tokens = 0, width = 0;
    std::vector<float> values;

    ConstRows sequence(Index batch) const;
};

/// Everything that running the layer takes, read and checked against each other.
class LayerJob {
public:
    /// Throws UserError, naming the file and the tensor or option, for whatever does not fit.
    LayerJob(const Safetensors& file, const LayerJobOptions& options);

    const LayerWeights& weights() const noexcept { return weights_; }
    const LayerSettings& settings() const noexcept { return settings_; }
    Index batches() const noexcept { return x_.batches; }
    Index tokens() const noexcept { return x_.tokens; }
    bool self() const noexcept { return self_; }
    Index keys() const noexcept { return self_ ? x_.tokens : context_.tokens; }

    /// The output's shape, of the rank of x.
    Dims output_dims() const;

    /// One sequence of the batch, to be written to `y`; it refers to this object until the next
    /// call.
    Sequence sequence(Index batch, std::span<float> y);

private:
    void read_context(const LayerJobOptions& options);
    void read_mask(const std::string& path);
    void print_not_finite() const;
    Remarks mask_remarks(const LayerJobOptions& options) const;
    void read_valid_keys(const std::string& path);
    void make_relative_bias(const LayerRunOptions& options);
    void add_relative_bias(Sequence& sequence);

    LayerWeights weights_;
    LayerSettings settings_;
    TokenFile x_, context_, context_values_;
    bool self_ = true;
    std::vector<std::int64_t> valid_keys_;
    std::vector<float> relative_bias_;  // [heads][tokens][keys], or empty
    std::optional<MaskMemory> mask_;
    std::vector<float> sum_;  // of relative bias and mask, of one sequence
};

}  // namespace headroom::tools
