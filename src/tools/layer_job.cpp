#include "tools/layer_job.hpp"

#include <algorithm>
#include <cmath>

#include <CLI/CLI.hpp>

#include "tools/layer_options.hpp"
#include "tools/relative_bias.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

TokenFile read_tokens(const std::string& path, int width, const std::string& what) {
    const NpyFile file(path);
    const NpyArray& array = file.array();
    if (!is_real(array.dtype) || (array.rank() != 2 && array.rank() != 3)) {
        throw UserError(array.name + ": is " + array.type_text() + "; " + what +
                        " are floating-point, [tokens, width] or [batch, tokens, width]");
    }
    TokenFile tokens;
    tokens.name = array.name;
    tokens.batched = array.rank() == 3;
    tokens.batches = tokens.batched ? array.dims[0] : 1;
    tokens.tokens = array.dims[array.dims.size() - 2];
    tokens.width = array.dims.back();
    if (tokens.width != width) {
        throw UserError(array.name + ": is " + array.type_text() + "; the weights take tokens " +
                        std::to_string(width) + " wide");
    }
    tokens.values = array.floats();
    return tokens;
}

void require_same_batches(const TokenFile& one, const TokenFile& other) {
    if (one.batches == other.batches && one.batched == other.batched) return;
    const auto words = [](const TokenFile& file) {
        return file.batched ? std::to_string(file.batches) + " sequences" : "one sequence";
    };
    throw UserError(other.name + ": holds " + words(other) + ", " + one.name + " " + words(one));
}

std::size_t count(Index n) { return static_cast<std::size_t>(n); }

}  // namespace

void add_job_options(CLI::App& command, LayerJobOptions& options, bool with_chunk) {
    add_layer_options(command, options.weights, options.layer);
    command.add_option("--x", options.x, "Tokens, .npy [tokens, width] or [batch, tokens, width].");
    CLI::Option* const context =
        command.add_option("--context", options.context,
                           "What keys and values are made of; default: --x (self-attention).");
    command
        .add_option("--context-values", options.context_values,
                    "What values are made of, if not --context.")
        ->needs(context);
    command.add_option("--mask", options.mask,
                       "What is added to the scores, or bool, true where a key is seen; broadcast "
                       "to [batch, heads, tokens, keys].");
    command.add_flag("--mask-may-hide-all", options.mask_may_hide_all,
                     "Take a mask that hides every key of every query.");
    command.add_option("--valid-keys", options.valid_keys,
                       "Keys of each sequence, int64 [batch]; the rest is padding.");
    add_run_options(command, options.run, with_chunk);
}

ConstRows TokenFile::sequence(Index batch) const {
    const std::size_t size = count(tokens * width);
    return {std::span(values).subspan(count(batch) * size, size), tokens, width, width};
}

LayerJob::LayerJob(const Safetensors& file, const LayerJobOptions& options)
    : weights_(read_layer(file, options.layer)), settings_(layer_settings(options.run, weights_)) {
    if (options.x.empty()) throw UserError("--x: no file of tokens given");
    print_warnings(warnings(file, weights_));
    const Shape& shape = weights_.shape;
    x_ = read_tokens(options.x, shape.model_dim, "tokens");
    read_context(options);
    if (self_ &&
        (shape.key_source_dim != shape.model_dim || shape.value_source_dim != shape.model_dim)) {
        throw UserError(file.name() + ": tensor " + in_quotes(weights_.parts.key.tensor) +
                        ": keys are made of something " + std::to_string(shape.key_source_dim) +
                        " wide, queries of tokens " + std::to_string(shape.model_dim) +
                        " wide: give --context");
    }
    if (!options.mask.empty()) read_mask(options.mask, options.mask_may_hide_all);
    if (!options.valid_keys.empty()) read_valid_keys(options.valid_keys);
    make_relative_bias(options.run);
}

void LayerJob::read_context(const LayerJobOptions& options) {
    self_ = options.context.empty();
    if (self_) return;
    const Shape& shape = weights_.shape;
    context_ = read_tokens(options.context, shape.key_source_dim, "context tokens");
    require_same_batches(x_, context_);
    const std::string& values =
        options.context_values.empty() ? options.context : options.context_values;
    context_values_ = read_tokens(values, shape.value_source_dim, "context tokens");
    require_same_batches(x_, context_values_);
    if (context_values_.tokens != context_.tokens) {
        throw UserError(context_values_.name + ": has " + std::to_string(context_values_.tokens) +
                        " tokens, " + context_.name + " " + std::to_string(context_.tokens));
    }
}

void LayerJob::read_mask(const std::string& path, bool may_hide_all) {
    const NpyFile file(path);
    const NpyArray& array = file.array();
    const Index full[4] = {batches(), weights_.shape.heads, tokens(), keys()};
    Index strides[4] = {0, 0, 0, 0};
    Index stride = 1;
    bool fits = array.rank() >= 1 && array.rank() <= 4 &&
                (is_real(array.dtype) || array.dtype == Dtype::boolean);
    for (Index back = 1; fits && back <= array.rank(); ++back) {
        const Index n = array.dims[count(array.rank() - back)];
        fits = n == full[4 - back] || n == 1;
        strides[4 - back] = n == 1 ? 0 : stride;
        stride *= n;
    }
    if (!fits) {
        throw UserError(array.name + ": is " + array.type_text() +
                        "; a mask is bool or floating-point and broadcasts to " +
                        shape_text(Dims(full, full + 4)) + " (batch, heads, tokens, keys)");
    }
    mask_strides_ = {{}, keys(), strides[0], strides[1], strides[2], strides[3]};

    bool any = array.size() == 0 || may_hide_all;
    if (array.dtype == Dtype::boolean) {
        mask_bools_ = array.bools();
        for (const bool seen : mask_bools_.values()) any = any || seen;
    } else {
        mask_floats_ = array.floats();
        for (const float value : mask_floats_) any = any || !(std::isinf(value) && value < 0);
    }
    if (!any) {
        throw UserError(array.name +
                        ": hides every key of every query. In a bool --mask true lets a key be "
                        "seen; PyTorch's masks are the inverse. Invert it, or give "
                        "--mask-may-hide-all");
    }
}

void LayerJob::read_valid_keys(const std::string& path) {
    const NpyFile file(path);
    const NpyArray& array = file.array();
    valid_keys_ = array.integers();
    if (array.rank() > 1 || valid_keys_.size() != count(batches())) {
        throw UserError(array.name + ": is " + array.type_text() + ", not one number for each of " +
                        std::to_string(batches()) + " sequences");
    }
    for (const std::int64_t n : valid_keys_) {
        if (n < 0 || n > keys()) {
            throw UserError(array.name + ": " + std::to_string(n) + " keys of " +
                            std::to_string(keys()) + " cannot be valid");
        }
    }
}

void LayerJob::make_relative_bias(const LayerRunOptions& options) {
    const LayerParts& parts = weights_.parts;
    const RelativeBias& table = weights_.relative_bias;
    if (table.buckets == 0) {
        if (self_ && parts.convention->relative_bias != nullptr) {
            throw UserError("tensor " + in_quotes(parts.prefix + parts.convention->relative_bias) +
                            ": is missing, here and in the first block; self-attention needs it");
        }
        return;
    }
    const RelativeBuckets buckets{table.buckets, options.largest_distance, settings_.how.causal};
    const int exact = table.buckets / (buckets.causal ? 2 : 4);
    if (options.largest_distance <= exact) {
        throw UserError("--relative-max-distance " + std::to_string(options.largest_distance) +
                        ": must be more than " + std::to_string(exact) +
                        ", up to which each distance has a bucket");
    }
    relative_bias_ = score_bias(table, buckets, tokens(), keys());
}

Dims LayerJob::output_dims() const {
    Dims dims = {tokens(), weights_.shape.output_dim};
    if (x_.batched) dims.insert(dims.begin(), batches());
    return dims;
}

// A call takes one bias: where there are two, their sum.
void LayerJob::add_mask(Sequence& sequence, Index batch) {
    const Index heads = weights_.shape.heads, rows = tokens(), columns = keys();
    const Mask<float>& m = mask_strides_;
    const std::size_t first = count(batch * m.batch_stride);
    if (mask_bools_.size > 0) {
        sequence.mask = BoolMask{{mask_bools_.values().subspan(first), columns, 0, m.head_stride,
                                  m.query_stride, m.key_stride}};
    }
    if (relative_bias_.empty()) {
        if (mask_floats_.empty()) return;
        sequence.bias = ScoreBias{{std::span<const float>(mask_floats_).subspan(first), columns, 0,
                                   m.head_stride, m.query_stride, m.key_stride}};
        return;
    }
    std::span<const float> bias = relative_bias_;
    if (!mask_floats_.empty()) {
        sum_ = relative_bias_;
        for (Index h = 0; h < heads; ++h)
            for (Index i = 0; i < rows; ++i)
                for (Index j = 0; j < columns; ++j) {
                    sum_[count((h * rows + i) * columns + j)] +=
                        mask_floats_[first + count(h * m.head_stride + i * m.query_stride +
                                                   j * m.key_stride)];
                }
        bias = sum_;
    }
    sequence.bias = ScoreBias{{bias, columns, 0, rows * columns, columns, 1}};
}

Sequence LayerJob::sequence(Index batch, std::span<float> y) {
    Sequence sequence;
    sequence.x = x_.sequence(batch);
    sequence.self = self_;
    sequence.keys = self_ ? sequence.x : context_.sequence(batch);
    sequence.values = self_ ? sequence.x : context_values_.sequence(batch);
    sequence.y = rows_of(y, tokens(), weights_.shape.output_dim);
    if (!valid_keys_.empty()) sequence.valid_keys = valid_keys_[count(batch)];
    add_mask(sequence, batch);
    return sequence;
}

}  // namespace headroom::tools
