#include "tools/layer_job.hpp"

#include <limits>
#include <utility>

#include "tools/mask_check.hpp"
#include "tools/relative_bias.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

TokenFile read_tokens(const NpyArray& array, int width, const std::string& what) {
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

ConstRows TokenFile::sequence(Index batch) const {
    const std::size_t size = count(tokens * width);
    return {std::span(values).subspan(count(batch) * size, size), tokens, width, width};
}

LayerJob::LayerJob(const Safetensors& file, const LayerJobOptions& options)
    : LayerJob(file, options, LayerFiles(options).arrays()) {}

LayerJob::LayerJob(const Safetensors& file, const LayerJobOptions& options,
                   const LayerArrays& arrays)
    : weights_(read_layer(file, options.layer)), settings_(layer_settings(options.run, weights_)) {
    const Shape& shape = weights_.shape;
    x_ = read_tokens(*arrays.x, shape.model_dim, "tokens");
    read_context(arrays);
    if (self_ &&
        (shape.key_source_dim != shape.model_dim || shape.value_source_dim != shape.model_dim)) {
        throw UserError(file.name() + ": tensor " + in_quotes(weights_.parts.key.tensor) +
                        ": keys are made of something " + std::to_string(shape.key_source_dim) +
                        " wide, queries of tokens " + std::to_string(shape.model_dim) +
                        " wide: give --context");
    }
    if (arrays.mask != nullptr)
        mask_.emplace(mask_of(*arrays.mask), batches(), shape.heads, tokens(), keys());
    if (arrays.valid_keys != nullptr) read_valid_keys(*arrays.valid_keys);
    remarks_.warnings = data_warnings(file);
    if (mask_) add(remarks_, mask_remarks(arrays.mask->name, options.mask_may_hide_all));
    make_relative_bias(options.run);
}

std::vector<std::string> LayerJob::data_warnings(const Safetensors& file) const {
    std::vector<std::string> lines = warnings(file, weights_);
    FiniteCheck check;
    for (const TokenFile* const tokens : {&x_, &context_, &context_values_})
        check.add(tokens->name, tokens->values);
    lines.insert(lines.end(), check.warnings().begin(), check.warnings().end());
    return lines;
}

void LayerJob::read_context(const LayerArrays& arrays) {
    self_ = arrays.context == nullptr;
    if (self_) return;
    const Shape& shape = weights_.shape;
    context_ = read_tokens(*arrays.context, shape.key_source_dim, "context tokens");
    require_same_batches(x_, context_);
    const NpyArray* const values =
        arrays.context_values == nullptr ? arrays.context : arrays.context_values;
    context_values_ = read_tokens(*values, shape.value_source_dim, "context tokens");
    require_same_batches(x_, context_values_);
    if (context_values_.tokens != context_.tokens) {
        throw UserError(context_values_.name + ": has " + std::to_string(context_values_.tokens) +
                        " tokens, " + context_.name + " " + std::to_string(context_.tokens));
    }
}

// Of the whole batch at once: what each query sees, without the tokens themselves.
Remarks LayerJob::mask_remarks(const std::string& name, bool may_hide_all) const {
    AttendProblem problem;
    problem.query.batches = problem.key.batches = batches();
    problem.query.heads = problem.key.heads = weights_.shape.heads;
    problem.query.tokens = tokens();
    problem.key.tokens = keys();
    problem.how = settings_.how;
    problem.how.valid_keys = valid_keys_;
    mask_->bind(problem);
    return check_mask(problem, {.name = name,
                                .self = self_,
                                .other_keys = settings_.zero_key || weights_.shape.extra_key,
                                .may_hide_all = may_hide_all});
}

void LayerJob::read_valid_keys(const NpyArray& array) {
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
        if (options.largest_distance)
            throw UserError(
                "--relative-max-distance: has no effect, this layer has no relative bias");
        return;
    }
    // A decoder's table has other buckets than an encoder's, whatever the mask of this call.
    RelativeBuckets buckets{.buckets = table.buckets,
                            .causal = is_causal(*parts.convention, parts.prefix)};
    buckets.largest_distance = options.largest_distance.value_or(buckets.largest_distance);
    const int exact = table.buckets / (buckets.causal ? 2 : 4);
    if (buckets.largest_distance <= exact) {
        throw UserError("--relative-max-distance " + std::to_string(buckets.largest_distance) +
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
