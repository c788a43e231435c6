// Internal: where everything of a layer lies, in its packed weights and in its scratch. It follows
// from the shape: where the compiler knows that, this is a constant, and no code for it is linked.
#pragma once

#include <cstddef>

#include <headroom/shape.hpp>
#include <headroom/tensor.hpp>

namespace headroom::detail {

// One projection inside its matrix.
struct Projected {
    std::size_t panels;  // offset of the matrix in the blob, bytes
    std::size_t bias;    // offset of the matrix's bias, bytes
    Index inputs;
    Index all_panels;  // of the matrix
    Index first_panel;
    Index panel_count;
    Index outputs;
};

struct WeightsLayout {
    Projected query, key, value, output;
    std::size_t extra_key, extra_value;
    std::size_t bytes;
};

// `s` is resolved and valid.
constexpr WeightsLayout layout_of(const Shape& s) noexcept {
    const auto projected = [](Index inputs, Index outputs) {
        return Projected{0, 0, inputs, 0, 0, static_cast<Index>(panels_of(outputs)), outputs};
    };
    const Index heads = s.heads, kv_heads = s.kv_heads;
    WeightsLayout w{projected(s.model_dim, heads * s.head_dim),
                    projected(s.key_source_dim, kv_heads * s.head_dim),
                    projected(s.value_source_dim, kv_heads * s.value_dim),
                    projected(heads * s.value_dim, s.output_dim),
                    0,
                    0,
                    0};
    Projected* const all[] = {&w.query, &w.key, &w.value, &w.output};

    // Which neighbours make up one matrix: [first, last) of `all`.
    struct Matrix {
        int first, last;
        Index panels;
    } matrices[4];
    int count = 0;
    for (int i = 0; i < 4; ++i) {
        const bool joins = i > 0 && i < 3 && all[i]->inputs == all[i - 1]->inputs;
        if (!joins) matrices[count++] = {i, i, 0};
        Matrix& m = matrices[count - 1];
        all[i]->first_panel = m.panels;
        m.panels += all[i]->panel_count;
        m.last = i + 1;
    }
    std::size_t at = header_bytes;
    for (int k = 0; k < count; ++k) {
        for (int i = matrices[k].first; i < matrices[k].last; ++i) {
            all[i]->panels = at;
            all[i]->all_panels = matrices[k].panels;
        }
        at += static_cast<std::size_t>(matrices[k].panels * panel_lanes *
                                       all[matrices[k].first]->inputs) *
              sizeof(float);
    }
    for (int k = 0; k < count; ++k) {
        for (int i = matrices[k].first; i < matrices[k].last; ++i) all[i]->bias = at;
        at += static_cast<std::size_t>(matrices[k].panels * panel_lanes) * sizeof(float);
    }
    if (s.extra_key) {
        w.extra_key = at;
        w.extra_value = at + vector_bytes(kv_heads * s.head_dim);
        at = w.extra_value + vector_bytes(kv_heads * s.value_dim);
    }
    w.bytes = at;
    return w;
}

// All zero if the shape is not valid or a size overflows.
struct LayerLayout {
    WeightsLayout weights;
    Index projected_width;
    std::size_t scratch;  // bytes before the tiles
    std::size_t tile;     // bytes of a worker's
};

constexpr LayerLayout layer_layout_of(const Shape& s) noexcept {
    if (scratch_bytes(s) == 0 || weights_bytes(s) == 0) return {};
    return {layout_of(s), static_cast<Index>(projected_width(s)), layer_scratch_bytes(s),
            tile_bytes(s.max_queries, s.heads, s.kv_heads, s.head_dim)};
}

}  // namespace headroom::detail
