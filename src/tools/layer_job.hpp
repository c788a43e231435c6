// A layer and its inputs, read and checked against each other.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tools/layer_files.hpp"
#include "tools/layer_run.hpp"
#include "tools/layer_weights.hpp"
#include "tools/mask_memory.hpp"
#include "tools/remarks.hpp"

namespace headroom::tools {

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

    /// The same on arrays in memory, which are not needed afterwards; of the options, none that is
    /// a file. There must be an x.
    LayerJob(const Safetensors& file, const LayerJobOptions& options, const LayerArrays& arrays);

    /// What the user should hear about weights, tokens and mask.
    const Remarks& remarks() const noexcept { return remarks_; }

    const LayerWeights& weights() const noexcept { return weights_; }
    const LayerSettings& settings() const noexcept { return settings_; }
    Index batches() const noexcept { return x_.batches; }
    Index tokens() const noexcept { return x_.tokens; }
    bool self() const noexcept { return self_; }
    Index keys() const noexcept { return self_ ? x_.tokens : context_.tokens; }

    /// The files that queries and keys are made of, for messages.
    const std::string& query_name() const noexcept { return x_.name; }
    const std::string& key_name() const noexcept { return self_ ? x_.name : context_.name; }

    /// The output's shape, of the rank of x.
    Dims output_dims() const;

    /// One sequence of the batch, to be written to `y`; it refers to this object until the next
    /// call.
    Sequence sequence(Index batch, std::span<float> y);

private:
    void read_context(const LayerArrays& arrays);
    void read_valid_keys(const NpyArray& array);
    Remarks mask_remarks(const std::string& name, bool may_hide_all) const;
    std::vector<std::string> data_warnings(const Safetensors& file) const;
    void make_relative_bias(const LayerRunOptions& options);
    void add_relative_bias(Sequence& sequence);

    LayerWeights weights_;
    LayerSettings settings_;
    Remarks remarks_;
    TokenFile x_, context_, context_values_;
    bool self_ = true;
    std::vector<std::int64_t> valid_keys_;
    std::vector<float> relative_bias_;  // [heads][tokens][keys], or empty
    std::optional<MaskMemory> mask_;
    std::vector<float> sum_;  // of relative bias and mask, of one sequence
};

}  // namespace headroom::tools
