// Optional parts of attention, chosen at run time. Whoever calls hr_attend(), hr_attend_cached() or
// a layer links the code of all of them: where flash is short, the C++ headers link only what a
// program names.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <headroom/c/memory.h>
#include <headroom/c/rotary.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A mask or bias for every (batch, head, query, key).
///
///   element (b, h, i, j) = data[b * batch_stride + h * head_stride
///                               + i * query_stride + j * key_stride]
///
/// `i` counts from the first query of the call, `j` from key 0 of the sequence. A stride of 0 for
/// batches, heads or queries broadcasts; a key_stride of 0 stands for 1, and HR_SAME_FOR_ALL_KEYS
/// broadcasts. Keys at `keys` and beyond are masked, so `keys` is always given: elements without
/// keys are HR_BAD_SHAPE, as is a mask of zeros. `count` elements at `data` must reach the last one
/// that the call's sizes address.
typedef struct hr_float_mask {
    const float* data;
    size_t count;
    ptrdiff_t keys;
    ptrdiff_t batch_stride, head_stride, query_stride, key_stride;
} hr_float_mask;
typedef struct hr_bool_mask {
    const bool* data;
    size_t count;
    ptrdiff_t keys;
    ptrdiff_t batch_stride, head_stride, query_stride, key_stride;
} hr_bool_mask;
#define HR_SAME_FOR_ALL_KEYS (-1)

/// One more key and value that every query sees, whatever the masks say (PyTorch's bias_k, bias_v).
/// Scaled and capped like any key; it has no position, so no bias.
typedef struct hr_extra_key {
    hr_floats key;    ///< f32 [kv_heads][key width]
    hr_floats value;  ///< f32 [kv_heads][value width]
} hr_extra_key;

/// What a weights callback is shown.
typedef enum hr_stage {
    HR_STAGE_RAW,      ///< scale * (q . k), of every stored key, masked or not.
    HR_STAGE_SOFTCAP,  ///< After softcap, of every stored key; equal to raw without one.
    HR_STAGE_BIAS,     ///< After every bias and mask; a masked key is -inf.
    HR_STAGE_SOFTMAX   ///< The weights; a masked key is +0, as is a row that sees nothing.
} hr_stage;

/// A piece of one row of weights: keys first_key ... first_key + count - 1 of the sequence.
typedef struct hr_weights_block {
    ptrdiff_t batch;
    ptrdiff_t head;
    ptrdiff_t query;  ///< Counted from the first query of the call.
    int64_t first_key;
    const float* values;  ///< f32 [count]; valid during the callback only.
    size_t count;         ///< At most 128.
} hr_weights_block;

/// Shows the weights of each row in pieces, in ascending order of keys; pieces of different rows
/// come interleaved. hr_attend() shows all before it writes the output, a layer slice by slice of
/// max_queries tokens. Costs two more passes over the scores and no memory. Sinks and extra keys
/// take their share but are not shown, nor are pruned heads. In a ring, a token that is no longer
/// stored is NaN at the stages raw and softcap, and stretches of 128 and more such tokens may be
/// left out. With an executor, rows of different heads may come at the same time. `receive` returns
/// normally (no longjmp, no exception).
typedef struct hr_weights_callback {
    int stage;  ///< An hr_stage.
    void* context;
    void (*receive)(void* context, const hr_weights_block* block);
} hr_weights_callback;

/// What one head did in one call. Rows that see no key are left out. A row that sees a NaN makes
/// the entropy NaN, and the largest weight with its place: NaN counts as larger than any number.
typedef struct hr_head_statistics {
    ptrdiff_t rows;  ///< Queries that saw at least one key.
    float entropy;   ///< Mean over rows, in nats, sinks and extra keys included.
    float largest_weight;
    ptrdiff_t query;  ///< Where the largest weight is; of equal ones the first query,
    int64_t key;      ///< then the lowest key. -1 if there is none.
} hr_head_statistics;

/// Room for one hr_head_statistics for each head of each batch: [batches][heads]. Costs two more
/// passes over the scores. Overwritten; unspecified on error.
typedef struct hr_statistics {
    hr_head_statistics* heads;
    size_t count;
} hr_statistics;

/// One of the independent tasks of a call.
typedef void (*hr_task)(void* argument, int index, int worker);

/// The caller's way to run tasks on threads or cores. The library creates no thread.
///
/// `run` must call task(argument, index, worker) exactly once for every index in [0, tasks), where
/// worker is in [0, workers) and no two tasks run at the same time with the same worker, and return
/// when all are done, with their writes visible to the caller. Order is free. How the work is
/// spread never changes a bit of the output. A call given an executor needs the scratch for as many
/// workers; without one, everything runs in the calling thread.
typedef struct hr_executor {
    int workers;
    void* context;
    void (*run)(void* context, int tasks, hr_task task, void* argument);
} hr_executor;

/// The features of a call. NULL: not used; a structure of zeros uses none. What they point to must
/// stay valid during the call, and is read only.
typedef struct hr_features {
    /// Bounds the scores: s = cap * tanh(s / cap), before every bias and mask. Finite and > 0.
    const float* softcap;

    /// Linear biases (Press et al. 2021): s += slope[head] * -|key position - query position|,
    /// fused. f32 [heads], finite. Distances beyond 2^23 tokens count as 2^23.
    const hr_floats* alibi_slopes;

    /// Added to each score, after softcap and ALiBi. A value of -inf masks the key.
    const hr_float_mask* score_bias;

    /// Masks the keys whose element is false: ONNX's polarity, and that of PyTorch's
    /// scaled_dot_product_attention(); masks of its nn.MultiheadAttention are the inverse.
    const hr_bool_mask* bool_mask;

    /// A learned logit for each head that takes part in the softmax and attends to nothing: it
    /// enters as it is, neither scaled, capped nor biased. A row that sees nothing else is zero.
    /// f32 [heads].
    const hr_floats* sink_logits;

    const hr_extra_key* extra_key;

    /// A key and value of zeros that every query sees (PyTorch's add_zero_attn).
    bool zero_key;

    /// Heads whose element is false are pruned: their queries and scores are not computed,
    /// hr_attend() writes zero for them, and a layer leaves their slice of the output projection
    /// out. bool [heads].
    const hr_bools* kept_heads;

    const hr_weights_callback* weights;
    const hr_statistics* statistics;

    /// Layers only: rotates queries and keys; a position beyond the tables is HR_BAD_VALUE.
    const hr_rotary_tables* rotary_tables;

    /// Layers only: the same bits, computed for the call's own positions into scratch.
    /// hr_shape.rotary_dim must be the parameters' dim. Not together with rotary_tables.
    const hr_rotary_computed* rotary_computed;

    const hr_executor* executor;
} hr_features;

/// hr_result.argument of an error in a feature, whatever the call. They are checked in this order,
/// after all other arguments. A feature that a call cannot use is HR_BAD_VALUE, and refused first:
/// rotary embedding in hr_attend() and hr_attend_cached(), everything but rotary embedding and an
/// executor in hr_layer_append_context(). In a layer whose weights have an extra key, so is another
/// one.
typedef enum hr_feature {
    HR_SOFTCAP = 101,
    HR_ALIBI_SLOPES = 102,
    HR_SCORE_BIAS = 103,
    HR_BOOL_MASK = 104,
    HR_SINK_LOGITS = 105,
    HR_EXTRA_KEY = 106,
    HR_ZERO_KEY = 107,
    HR_KEPT_HEADS = 108,
    HR_WEIGHTS = 109,
    HR_STATISTICS = 110,
    HR_EXECUTOR = 111,
    HR_ROTARY_TABLES = 112,
    HR_ROTARY_COMPUTED = 113
} hr_feature;

#ifdef __cplusplus
}
#endif
