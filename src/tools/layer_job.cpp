#include "tools/layer_job.hpp"

#include <filesystem>
#include <limits>
#include <utility>

#include <CLI/CLI.hpp>

#include "tools/layer_options.hpp"
#include "tools/mask_check.hpp"
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
    if (tokens.batches == 0) throw UserError(array.name + ": holds no sequence");
    tokens.values = array.floats();
    return tokens;
}

void require_same_batches(const TokenFile& one, const TokenFile& other) {
    if (one.batches == other.batches && one.batched == other.batched) return;
    const auto words = [](const TokenFile& file) {
        if (!file.batched) return std::string("one sequence");
        if (file.batches == 1) return std::string("a batch of one sequence");
        return std::to_string(file.batches) + " sequences";
    };
    throw UserError(other.name + ": holds " + words(other) + ", " + one.name + " " + words(one));
}

constexpr float infinity = std::numeric_limits<float>::infinity();

std::size_t count(Index n) { return static_cast<std::size_t>(n); }

template <class T>
Mask<T> of_batch(Mask<T> mask, Index batch) {
    mask.data = mask.data.subspan(count(batch * mask.batch_stride));
    mask.batch_stride = 0;
    return mask;
}

}  // namespace

void add_job_options(CLI::App& command, LayerJobOptions& options, bool with_chunk) {
    const auto file = [&](const char* option, std::string& path, const char* text) {
        return command.add_option(option, path, text)->type_name("FILE");
    };
    add_layer_options(command, options.weights, options.layer);
    file("--x", options.x, "Tokens, .npy [tokens, width] or [batch, tokens, width].");
    CLI::Option* const context =
        file("--context", options.context,
             "What keys and values are made of; default: --x (self-attention).");
    file("--context-values", options.context_values, "What values are made of, if not --context.")
        ->needs(context);
    file("--mask", options.mask,
         "Mask, broadcast to [batch, heads, tokens, keys]: bool, true lets a key be seen; or "
         "numbers that are added to the scores, -inf hides. Keys beyond a shorter mask are "
         "hidden.");
    command.add_flag("--mask-may-hide-all", options.mask_may_hide_all,
                     "Accept a --mask that leaves queries, or even all, without a key.");
    file("--valid-keys", options.valid_keys,
         "Keys of each sequence before its padding, int64 [batch].");
    add_run_options(command, options.run, with_chunk);
}

void refuse_to_overwrite_inputs(const std::string& output, const LayerJobOptions& options,
                                const std::vector<std::string>& others) {
    std::vector<std::string> inputs = others;
    inputs.insert(inputs.end(), {options.weights, options.x, options.context,
                                 options.context_values, options.mask, options.valid_keys});
    for (const std::string& input : inputs) {
        if (std::error_code none; std::filesystem::equivalent(output, input, none))
            throw UserError(output + ": is an input, which would be overwritten");
    }
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
    if (!options.mask.empty()) read_mask(options.mask);
    if (!options.valid_keys.empty()) read_valid_keys(options.valid_keys);
    print_not_finite();
    print(mask_remarks(options));
    make_relative_bias(options.run);
}

void LayerJob::print_not_finite() const {
    FiniteCheck check;
    for (const TokenFile* const file : {&x_, &context_, &context_values_})
        check.add(file->name, file->values);
    print_warnings(check.warnings());
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

void LayerJob::read_mask(const std::string& path) {
    const NpyFile file(path);
    const NpyArray& array = file.array();
    MaskArray mask{array.name, array.dims, {}};
    if (array.dtype == Dtype::boolean) {
        mask.values = array.bools();
    } else if (is_real(array.dtype)) {
        mask.values = array.floats();
    } else {
        throw UserError(array.name + ": is " + array.type_text() +
                        "; a mask is bool or floating-point");
    }
    mask_.emplace(std::move(mask), batches(), weights_.shape.heads, tokens(), keys());
}

// Of the whole batch at once: what each query sees, without the tokens themselves.
Remarks LayerJob::mask_remarks(const LayerJobOptions& options) const {
    if (!mask_) return {};
    AttendProblem problem;
    problem.query.batches = problem.key.batches = batches();
    problem.query.heads = problem.key.heads = weights_.shape.heads;
    problem.query.tokens = tokens();
    problem.key.tokens = keys();
    problem.how = settings_.how;
    problem.how.valid_keys = valid_keys_;
    mask_->bind(problem);
    return check_mask(problem, {.name = options.mask,
                                .self = self_,
                                .other_keys = settings_.zero_key || weights_.shape.extra_key,
                                .may_hide_all = options.mask_may_hide_all});
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
    // A decoder's table has other buckets than an encoder's, whatever the mask of this call.
    const RelativeBuckets buckets{table.buckets, options.largest_distance,
                                  is_causal(*parts.convention, parts.prefix)};
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
void LayerJob::add_relative_bias(Sequence& sequence) {
    const Index heads = weights_.shape.heads, rows = tokens(), columns = keys();
    std::span<const float> values = relative_bias_;
    if (sequence.bias) {
        const Mask<float>& mask = sequence.bias->values;
        sum_ = relative_bias_;
        float* sum = sum_.data();
        for (Index h = 0; h < heads; ++h)
            for (Index i = 0; i < rows; ++i)
                for (Index j = 0; j < columns; ++j) {
                    const Index at = h * mask.head_stride + i * mask.query_stride + j;
                    *sum++ += j < mask.keys ? mask.data[count(at)] : -infinity;
                }
        values = sum_;
    }
    sequence.bias = ScoreBias{{values, columns, 0, rows * columns, columns, 1}};
}

Sequence LayerJob::sequence(Index batch, std::span<float> y) {
    Sequence sequence;
    sequence.x = x_.sequence(batch);
    sequence.self = self_;
    sequence.keys = self_ ? sequence.x : context_.sequence(batch);
    sequence.values = self_ ? sequence.x : context_values_.sequence(batch);
    sequence.y = rows_of(y, tokens(), weights_.shape.output_dim);
    if (!valid_keys_.empty()) sequence.valid_keys = valid_keys_[count(batch)];
    if (mask_) {
        AttendProblem masked;
        mask_->bind(masked);
        if (masked.bias) sequence.bias = ScoreBias{of_batch(masked.bias->values, batch)};
        if (masked.mask) sequence.mask = BoolMask{of_batch(masked.mask->visible, batch)};
    }
    if (!relative_bias_.empty()) add_relative_bias(sequence);
    return sequence;
}

}  // namespace headroom::tools
