// Biases and masks of the caller, broadcast by strides. No multiplication happens here, so no port
// is needed.
#include "kernels/tile.hpp"

namespace headroom::detail {
namespace {

// A run of scores and of the elements that they meet, each with its step.
struct Run {
    float* scores;
    Index score_step;
    const void* elements;
    Index element_step;
    int count;
};
using RunStep = void (*)(const Run& run) noexcept;

// A mask of elements of any type.
struct Elements {
    const void* data;
    Index bytes;  // of an element
    Index keys, batch_stride, head_stride, query_stride, key_stride;
};
template <class T>
Elements elements_of(const Mask<T>& m) noexcept {
    return {m.data.data(), sizeof(T),      m.keys,      m.batch_stride,
            m.head_stride, m.query_stride, m.key_stride};
}

void hide(float* scores, Index step, int count) noexcept {
    for (int i = 0; i < count; ++i) scores[i * step] = negative_infinity();
}

// Takes each score of a block past its element; those beyond the mask's last key are hidden.
void for_each_run(const Tile& tile, const Scores& scores, const Elements& of,
                  RunStep step) noexcept {
    float* at = scores.data + scores.begin * scores.key_stride;
    const std::int64_t first_key = scores.first_key + scores.begin, left = of.keys - first_key;
    int keys = scores.end - scores.begin;
    while (keys > 0 && keys > left)
        hide(at + --keys * scores.key_stride, scores.row_stride, scores.rows);
    if (keys == 0) return;

    const TileRow* row = tile.rows + scores.first_row;
    const auto elements = [&] {
        return static_cast<const std::byte*>(of.data) +
               of.bytes *
                   (tile.batch * of.batch_stride + row->head * of.head_stride +
                    row->index * of.query_stride + static_cast<Index>(first_key) * of.key_stride);
    };
    // Where a key's scores lie side by side and meet one element (a padding mask), they are a run.
    const bool same_head = of.head_stride == 0 || row->head == row[scores.rows - 1].head;
    if (scores.row_stride == 1 && of.query_stride == 0 && same_head) {
        const std::byte* element = elements();
        for (; keys > 0; --keys, at += scores.key_stride, element += of.key_stride * of.bytes)
            step({at, 1, element, 0, scores.rows});
        return;
    }
    for (int i = 0; i < scores.rows; ++i, ++row, at += scores.row_stride)
        step({at, scores.key_stride, elements(), of.key_stride, keys});
}

float biased(float score, float bias) noexcept {
    const float sum = score + bias;
    if (bias == negative_infinity()) return bias;
    return sum < kLowest ? kLowest : sum;
}

void add_bias(const Run& run) noexcept {
    const auto* bias = static_cast<const float*>(run.elements);
    float* s = run.scores;
    if (run.element_step == 0 && run.score_step == 1) {  // a loop for vectors
        for (int i = 0; i < run.count; ++i) s[i] = biased(s[i], *bias);
        return;
    }
    for (int i = run.count; i > 0; --i, s += run.score_step, bias += run.element_step)
        *s = biased(*s, *bias);
}

void hide_invisible(const Run& run) noexcept {
    const auto* visible = static_cast<const bool*>(run.elements);
    float* s = run.scores;
    if (run.element_step == 0) {
        if (!*visible) hide(s, run.score_step, run.count);
        return;
    }
    for (int i = run.count; i > 0; --i, s += run.score_step, visible += run.element_step) {
        if (!*visible) *s = negative_infinity();
    }
}

}  // namespace

void bias_step(const Tile& tile, const Scores& scores) noexcept {
    for_each_run(tile, scores, elements_of(tile.features->bias->values), add_bias);
}

void mask_step(const Tile& tile, const Scores& scores) noexcept {
    for_each_run(tile, scores, elements_of(tile.features->mask->visible), hide_invisible);
}

}  // namespace headroom::detail
