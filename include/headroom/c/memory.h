// Views of the caller's memory. A view owns nothing and copies nothing. A NULL pointer counts as
// memory of no bytes, whatever its size says: it is refused where there must be some, and never
// read.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Before a declaration: aligns it to 64 bytes, as state, scratch and packed weights must be.
///
///   HR_ALIGNED static unsigned char scratch[HR_SCRATCH_BYTES(...)];
#define HR_ALIGNED __attribute__((aligned(64)))

/// Bytes: an arena that a call may write ...
typedef struct hr_memory {
    void* data;
    size_t bytes;
} hr_memory;

/// ... or only reads.
typedef struct hr_const_memory {
    const void* data;
    size_t bytes;
} hr_const_memory;

static inline hr_memory hr_bytes(void* data, size_t bytes) {
    const hr_memory memory = {data, bytes};
    return memory;
}
static inline hr_const_memory hr_const_bytes(const void* data, size_t bytes) {
    const hr_const_memory memory = {data, bytes};
    return memory;
}

/// f32 [count], read.
typedef struct hr_floats {
    const float* data;
    size_t count;
} hr_floats;

/// bool [count], read.
typedef struct hr_bools {
    const bool* data;
    size_t count;
} hr_bools;

/// A view of f32 [batches][tokens][heads][width] in memory of any order of its first three
/// dimensions.
///
///   element (b, t, h, c) = data[b * batch_stride + t * token_stride + h * head_stride + c]
///
/// Sizes and strides are counted in elements. The elements of one head of one token are contiguous.
/// Strides are not negative; a view that is only read may repeat memory with stride 0. `count`
/// elements lie at `data`; they must reach the last element of the view: each call checks that.
typedef struct hr_tensor {
    float* data;
    size_t count;
    ptrdiff_t batches, tokens, heads, width;
    ptrdiff_t batch_stride, token_stride, head_stride;
} hr_tensor;

/// The same, read.
typedef struct hr_const_tensor {
    const float* data;
    size_t count;
    ptrdiff_t batches, tokens, heads, width;
    ptrdiff_t batch_stride, token_stride, head_stride;
} hr_const_tensor;

/// Contiguous [batches][tokens][heads][width]: what a projection writes.
static inline hr_tensor hr_token_major(float* data, size_t count, ptrdiff_t batches,
                                       ptrdiff_t tokens, ptrdiff_t heads, ptrdiff_t width) {
    const hr_tensor tensor = {
        data, count, batches, tokens, heads, width, tokens * heads * width, heads * width, width};
    return tensor;
}
static inline hr_const_tensor hr_const_token_major(const float* data, size_t count,
                                                   ptrdiff_t batches, ptrdiff_t tokens,
                                                   ptrdiff_t heads, ptrdiff_t width) {
    const hr_const_tensor tensor = {
        data, count, batches, tokens, heads, width, tokens * heads * width, heads * width, width};
    return tensor;
}

/// Contiguous [batches][heads][tokens][width]: ONNX's 4-D layout.
static inline hr_tensor hr_head_major(float* data, size_t count, ptrdiff_t batches, ptrdiff_t heads,
                                      ptrdiff_t tokens, ptrdiff_t width) {
    const hr_tensor tensor = {
        data, count, batches, tokens, heads, width, heads * tokens * width, width, tokens * width};
    return tensor;
}
static inline hr_const_tensor hr_const_head_major(const float* data, size_t count,
                                                  ptrdiff_t batches, ptrdiff_t heads,
                                                  ptrdiff_t tokens, ptrdiff_t width) {
    const hr_const_tensor tensor = {
        data, count, batches, tokens, heads, width, heads * tokens * width, width, tokens * width};
    return tensor;
}

/// A view of f32 [rows][width], rows `stride` elements apart, in `count` elements at `data`: the
/// tokens that a layer writes ...
typedef struct hr_rows {
    float* data;
    size_t count;
    ptrdiff_t rows, width, stride;
} hr_rows;

/// ... or reads.
typedef struct hr_const_rows {
    const float* data;
    size_t count;
    ptrdiff_t rows, width, stride;
} hr_const_rows;

/// Contiguous [rows][width].
static inline hr_rows hr_rows_of(float* data, size_t count, ptrdiff_t rows, ptrdiff_t width) {
    const hr_rows view = {data, count, rows, width, width};
    return view;
}
static inline hr_const_rows hr_const_rows_of(const float* data, size_t count, ptrdiff_t rows,
                                             ptrdiff_t width) {
    const hr_const_rows view = {data, count, rows, width, width};
    return view;
}

#ifdef __cplusplus
}
#endif
