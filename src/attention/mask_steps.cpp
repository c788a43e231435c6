// Biases and masks of the caller, broadcast by strides. No multiplication happens here, so no port
// is needed.
#include "attention/plan.hpp"

namespace headroom::detail {
namespace {

// A run of scores and of the elements that they meet, each with its step.
template <class T>
struct Run {
    float* scores;
    Index score_step;
    const T* elements;
    Index element_step;
    int count;
};

void hide(float* scores, Index step, int count) noexcept {
    for (int i = 0; i < count; ++i) scores[i * step] = negative_infinity();
}

float biased(float score, float bias) noexcept {
    const float sum = score + bias;
    if (bias == negative_infinity()) return bias;
    return sum < kLowest ? kLowest : sum;
}

void meet(const Run<float>& run) noexcept {
    const float* bias = run.elements;
    float* s = run.scores;
    if (run.element_step == 0 && run.score_step == 1) {  // a loop for vectors
        for (int i = 0; i < run.count; ++i) s[i] = biased(s[i], *bias);
        return;
    }
    for (int i = run.count; i > 0; --i, s += run.score_step, bias += run.element_step)
        *s = biased(*s, *bias);
}

void meet(const Run<bool>& run) noexcept {
    const bool* visible = run.elements;
    float* s = run.scores;
    if (run.element_step == 0) {
        if (!*visible) hide(s, run.score_step, run.count);
        return;
    }
    for (int i = run.count; i > 0; --i, s += run.score_step, visible += run.element_step) {
        if (!*visible) *s = negative_infinity();
    }
}

// The element of a row's first key.
template <class T>
const T* elements_of(const Tile& tile, const TileRow& row, const Mask<T>& mask,
                     std::int64_t first_key) noexcept {
    return mask.data.data() + tile.batch * mask.batch_stride + row.head * mask.head_stride +
           row.index * mask.query_stride + static_cast<Index>(first_key) * mask.key_stride;
}

// Takes each score of a block past its element; those beyond the mask's last key are hidden.
template <class T>
void for_each_run(const Tile& tile, const Scores& scores, const Mask<T>& mask) noexcept {
    float* at = scores.data + scores.begin * scores.key_stride;
    const std::int64_t first_key = scores.first_key + scores.begin, left = mask.keys - first_key;
    int keys = scores.end - scores.begin;
    while (keys > 0 && keys > left)
        hide(at + --keys * scores.key_stride, scores.row_stride, scores.rows);
    if (keys == 0) return;

    const TileRow* row = tile.rows + scores.first_row;
    // Where a key's scores lie side by side and meet one element (a padding mask), they are a run.
    const bool same_head = mask.head_stride == 0 || row->head == row[scores.rows - 1].head;
    if (scores.row_stride == 1 && mask.query_stride == 0 && same_head) {
        const T* element = elements_of(tile, *row, mask, first_key);
        for (; keys > 0; --keys, at += scores.key_stride, element += mask.key_stride)
            meet({at, 1, element, 0, scores.rows});
        return;
    }
    for (int i = 0; i < scores.rows; ++i, ++row, at += scores.row_stride) {
        meet({at, scores.key_stride, elements_of(tile, *row, mask, first_key), mask.key_stride,
              keys});
    }
}

// Keys of a mask, as many as a word has bytes.
using Word = std::uintptr_t;
constexpr Index kWordKeys = sizeof(Word);
constexpr Word kAllSeen = static_cast<Word>(-1) / 255;  // each byte 1
// Where code is dear, sequences are short: there it goes key by key.
constexpr bool kByWords = sizeof(Word) >= 8;
static_assert(sizeof(bool) == 1);

Word word_at(const bool* visible) noexcept {
    Word word;
    __builtin_memcpy(&word, visible, sizeof word);
    return word;
}

// The keys of an interval that a mask shows, as an interval, and whether it has holes.
struct Shown {
    Index begin, end;
    bool holes;
};
Shown shown_of(const bool* visible, Index begin, Index end) noexcept {
    while (kByWords && end - begin >= kWordKeys && word_at(visible + begin) == 0)
        begin += kWordKeys;
    while (begin < end && !visible[begin]) ++begin;
    while (kByWords && end - begin >= kWordKeys && word_at(visible + end - kWordKeys) == 0)
        end -= kWordKeys;
    while (begin < end && !visible[end - 1]) --end;
    if (begin >= end) return {0, 0, false};
    Word all = kAllSeen;
    Index key = begin;
    for (; kByWords && end - key >= kWordKeys; key += kWordKeys) all &= word_at(visible + key);
    bool holes = all != kAllSeen;
    for (; key < end; ++key) holes |= !visible[key];
    return {begin, end, holes};
}

}  // namespace

// Padding, and masks that are causal or windows written out, show each row an interval: then the
// row sees less, the mask is done with, and what it hides costs nothing. Returns whether it is not:
// it has holes, or the row sees two intervals.
bool narrow_row(const Tile& tile, TileRow& row) noexcept {
    const Mask<bool>& mask = tile.features->mask->visible;
    if (mask.key_stride != 1 || row.prefix > 0) return true;
    const std::int64_t stop = row.end < mask.keys ? row.end : mask.keys;
    Shown shown{0, 0, false};
    if (row.begin < stop) {
        shown = shown_of(elements_of(tile, row, mask, 0), static_cast<Index>(row.begin),
                         static_cast<Index>(stop));
    }
    row.begin = shown.begin;
    row.end = shown.end;
    return shown.holes;
}

void bias_step(const Tile& tile, const Scores& scores) noexcept {
    for_each_run(tile, scores, tile.features->bias->values);
}

void mask_step(const Tile& tile, const Scores& scores) noexcept {
    for_each_run(tile, scores, tile.features->mask->visible);
}

}  // namespace headroom::detail
