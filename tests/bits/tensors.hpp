// Tensors in the layout of a configuration, and the cuts into calls.
#pragma once

#include <algorithm>

#include <headroom/headroom.h>

#include "bits/arena.hpp"
#include "bits/configuration.hpp"
#include "bits/inputs.hpp"
#include "bits/record.hpp"

namespace headroom::bits {

/// f32 [batches][tokens][heads][width] of zeros.
inline hr_tensor take_tensor(Layout layout, int batches, int tokens, int heads, int width) {
    const int gap = layout == Layout::gaps ? 3 : 0;
    const std::ptrdiff_t head =
                             layout == Layout::heads ? std::ptrdiff_t{tokens} * width : width + gap,
                         token = layout == Layout::heads ? width : heads * head + gap,
                         batch = layout == Layout::heads ? heads * head : tokens * token;
    const std::ptrdiff_t count = batches * batch;
    return {take<float>(count),
            static_cast<std::size_t>(count),
            batches,
            tokens,
            heads,
            width,
            batch,
            token,
            head};
}

/// The tokens first ... first + count - 1.
inline hr_tensor tokens_of(hr_tensor tensor, int first, int count) {
    const std::ptrdiff_t skip = first * tensor.token_stride;
    tensor.data += skip;
    tensor.count -= static_cast<std::size_t>(skip);
    tensor.tokens = count;
    return tensor;
}

inline hr_const_tensor read_only(const hr_tensor& t) {
    return {t.data,  t.count,        t.batches,      t.tokens,     t.heads,
            t.width, t.batch_stride, t.token_stride, t.head_stride};
}

inline float* row_of(const hr_tensor& t, std::ptrdiff_t batch, std::ptrdiff_t token,
                     std::ptrdiff_t head) {
    return t.data + batch * t.batch_stride + token * t.token_stride + head * t.head_stride;
}

inline void fill(const hr_tensor& t, Inputs& inputs) {
    for (std::ptrdiff_t b = 0; b < t.batches; ++b)
        for (std::ptrdiff_t i = 0; i < t.tokens; ++i)
            for (std::ptrdiff_t h = 0; h < t.heads; ++h) inputs.fill(row_of(t, b, i, h), t.width);
}

inline void record_tensor(Record& record, const char* what, const hr_tensor& t) {
    for (std::ptrdiff_t b = 0; b < t.batches; ++b)
        for (std::ptrdiff_t i = 0; i < t.tokens; ++i)
            record.floats(what, row_of(t, b, i, 0), t.heads, t.width, t.head_stride);
}

/// call(first, count) for pieces of a sequence, each at most `longest` long. A longest of 1 means
/// token by token, beyond the sequence's length all at once; else the lengths are drawn.
template <class Call>
void for_each_cut(int tokens, int longest, Inputs& inputs, const Call& call) {
    for (int first = 0; first < tokens;) {
        const int left = tokens - first;
        const int count = longest >= tokens ? left : std::min(left, inputs.number(longest) + 1);
        call(first, count);
        first += count;
    }
}

}  // namespace headroom::bits
