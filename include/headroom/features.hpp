// Optional parts of attention. Each is a type: a program that names none has none of their checks
// and set-up, nor their kernels where the port is bound at compile time; a table of ports to choose
// from at run time holds all kernels. Pass any of them, in any order and each at most once, after
// the options of attend() or of a layer.
#pragma once

#include <cstdint>
#include <span>

#include <headroom/executor.hpp>
#include <headroom/tensor.hpp>

namespace headroom {

/// Bounds the scores: s = cap * tanh(s / cap), before every bias and mask. `cap` is finite and > 0.
struct Softcap {
    float cap;
};

/// Linear biases (Press et al. 2021): s += slope[head] * -|key position - query position|, fused.
/// `slopes` f32 [heads], finite. Distances beyond 2^23 tokens count as 2^23.
struct Alibi {
    std::span<const float> slopes;
};

/// Adds a value to each score, after softcap and ALiBi. A value of -inf masks the key.
struct ScoreBias {
    Mask<float> values;
};

/// Masks the keys whose element is false: ONNX's polarity, and that of PyTorch's
/// scaled_dot_product_attention(); boolean masks of its nn.MultiheadAttention are the inverse.
///
/// Padding, causal masks and windows show each query an interval of keys. With a key_stride of 1
/// and no softcap, ALiBi or bias beside it, such a mask costs a look at its elements, and keys
/// before the first and behind the last that a tile of rows sees are not read, except in the same
/// group of sixteen. Any other costs a pass over the scores, as does one beside sink_tokens with a
/// window.
struct BoolMask {
    Mask<bool> visible;
};

/// A learned logit for each head that takes part in the softmax and attends to nothing: it enters
/// as it is, neither scaled, capped nor biased. A row that sees nothing else is zero. f32 [heads].
struct SinkLogits {
    std::span<const float> logits;
};

/// One more key and value that every query sees, whatever the masks say (PyTorch's bias_k, bias_v).
/// `key` f32 [kv_heads][key width], `value` f32 [kv_heads][value width]. Scaled and capped like any
/// key; it has no position, so no bias.
struct ExtraKey {
    std::span<const float> key;
    std::span<const float> value;
};

/// A key and value of zeros that every query sees (PyTorch's add_zero_attn): a sink of logit 0.
struct ZeroKey {};

/// Heads whose element is false are pruned: their queries and scores are not computed, attend()
/// writes zero for them, and a layer leaves their slice of the output projection out. bool [heads].
struct HeadMask {
    std::span<const bool> keep;
};

/// What a WeightsCallback is shown.
enum class Stage : std::uint8_t {
    raw,      ///< scale * (q . k), of every stored key, masked or not.
    softcap,  ///< After softcap, of every stored key; equal to raw without one.
    bias,     ///< After every bias and mask; a masked key is -inf.
    softmax,  ///< The weights themselves; a masked key is +0, as is a row that sees nothing.
};

/// A piece of one row of weights: keys first_key ... first_key + values.size() - 1 of the sequence.
struct WeightsBlock {
    Index batch;
    Index head;
    Index query;  ///< Counted from the first query of the call.
    std::int64_t first_key;
    std::span<const float> values;  ///< At most 128; valid during the callback only.
};

/// Shows the weights of each row in pieces, in ascending order of keys; pieces of different rows
/// come interleaved. attend() shows all before it writes the output, a layer slice by slice of
/// max_queries tokens. Costs two more passes over the scores and no memory. Sinks and extra keys
/// take their share but are not shown, nor are pruned heads. In a ring, a token that is no longer
/// stored is NaN at the stages raw and softcap, and stretches of 128 and more such tokens may be
/// left out. With an executor, rows of different heads may come at the same time.
struct WeightsCallback {
    Stage stage = Stage::softmax;
    void* context = nullptr;
    void (*receive)(void* context, const WeightsBlock& block) = nullptr;
};

/// What one head did in one call. Rows that see no key are left out. A row that sees a NaN makes
/// the entropy NaN, and the largest weight with its place: NaN counts as larger than any number.
struct HeadStatistics {
    Index rows = 0;        ///< Queries that saw at least one key.
    float entropy = 0.0f;  ///< Mean over rows, in nats, sinks and extra keys included.
    float largest_weight = 0.0f;
    Index query = -1;       ///< Where the largest weight is; of equal ones the first query,
    std::int64_t key = -1;  ///< then the lowest key. -1 if there is none.
};

/// Fills one HeadStatistics for each head of each batch: [batches][heads]. Costs two more passes
/// over the scores. Overwritten; unspecified on error.
struct Statistics {
    std::span<HeadStatistics> heads;
};

}  // namespace headroom
