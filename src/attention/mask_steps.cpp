// Biases and masks of the caller, broadcast by strides. No multiplication happens here, so no port
// is needed.
#include "kernels/tile.hpp"

namespace headroom::detail {
namespace {

// Calls change(score, element) for each score of a block with the mask's element, or null beyond
// its last key.
template <class T, class Change>
void for_each_element(const Tile& tile, const Scores& scores, const Mask<T>& mask,
                      Change change) noexcept {
    const T* start[tile_rows] = {};
    bool alike = true;
    for (int i = 0; i < scores.rows; ++i) {
        const TileRow& row = tile.rows[scores.first_row + i];
        start[i] = mask.data.data() + tile.batch * mask.batch_stride + row.head * mask.head_stride +
                   row.index * mask.query_stride;
        alike = alike && start[i] == start[0];
    }
    const auto element = [&](int i, int j) -> const T* {
        const std::int64_t key = scores.first_key + j;
        return key < mask.keys ? start[i] + static_cast<Index>(key) * mask.key_stride : nullptr;
    };
    if (scores.row_stride == 1 && alike) {  // a padding mask: one element for all rows
        for (int j = scores.begin; j < scores.end; ++j) {
            const T* e = element(0, j);
            float* s = scores.data + j * scores.key_stride;
            for (int i = 0; i < scores.rows; ++i) s[i] = change(s[i], e);
        }
        return;
    }
    for (int j = scores.begin; j < scores.end; ++j) {
        for (int i = 0; i < scores.rows; ++i) {
            float& s = scores.data[i * scores.row_stride + j * scores.key_stride];
            s = change(s, element(i, j));
        }
    }
}

}  // namespace

void bias_step(const Tile& tile, const Scores& scores) noexcept {
    for_each_element(tile, scores, tile.features->bias->values, [](float s, const float* bias) {
        if (bias == nullptr || *bias == negative_infinity()) return negative_infinity();
        const float sum = s + *bias;
        return sum < kLowest ? kLowest : sum;
    });
}

void mask_step(const Tile& tile, const Scores& scores) noexcept {
    for_each_element(tile, scores, tile.features->mask->visible, [](float s, const bool* visible) {
        return visible != nullptr && *visible ? s : negative_infinity();
    });
}

}  // namespace headroom::detail
