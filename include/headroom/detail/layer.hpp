// Internal: how MultiHeadAttention passes its arguments on. Nothing here is part of the API.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <headroom/detail/bind.hpp>
#include <headroom/detail/layer_layout.hpp>
#include <headroom/rotary.hpp>
#include <headroom/shape.hpp>
#include <headroom/tensor.hpp>
#include <headroom/weights.hpp>

namespace headroom::detail {

struct LayerCall;

using RotateRows = void (*)(const Port& port, float* rows, Index tokens, Index row_stride,
                            Index heads, Index width, Index dim, RotaryPairs pairs,
                            const float* cos, const float* sin) noexcept;

// Whether the call's rotary feature can serve tokens at these positions.
using CheckRotary = Status (*)(const LayerCall& call, std::int64_t first_position,
                               Index tokens) noexcept;

// Rows of cos and sin for consecutive positions; `frequencies` is room for dim / 2 numbers.
using ComputeRotary = void (*)(const RotaryParameters& parameters, std::int64_t first_position,
                               std::int64_t positions, float* cos, float* sin,
                               double* frequencies) noexcept;

struct LayerFeatures : Features {
    const RotaryTables* tables = nullptr;
    const RotaryComputed* computed = nullptr;
    RotateRows rotate = nullptr;
    CheckRotary check_rotary = nullptr;
    ComputeRotary compute_rotary = nullptr;
    std::uint8_t rotary_argument = 0;
};

void rotate_rows(const Port& port, float* rows, Index tokens, Index row_stride, Index heads,
                 Index width, Index dim, RotaryPairs pairs, const float* cos,
                 const float* sin) noexcept;
Status check_rotary(const LayerCall& call, std::int64_t first_position, Index tokens) noexcept;
void compute_rotary(const RotaryParameters& parameters, std::int64_t first_position,
                    std::int64_t positions, float* cos, float* sin, double* frequencies) noexcept;

inline void set_feature(LayerFeatures& to, const Port&, std::uint8_t at,
                        const RotaryTables& feature) noexcept {
    to.tables = &feature;
    to.rotate = rotate_rows;
    to.check_rotary = check_rotary;
    to.rotary_argument = at;
}
inline void set_feature(LayerFeatures& to, const Port&, std::uint8_t at,
                        const RotaryComputed& feature) noexcept {
    to.computed = &feature;
    to.rotate = rotate_rows;
    to.check_rotary = check_rotary;
    to.compute_rotary = compute_rotary;
    to.rotary_argument = at;
}

// What appending without attending can use.
template <class Feature>
inline constexpr bool serves_append =
    same_type<Feature, RotaryTables> || same_type<Feature, RotaryComputed> ||
    same_type<Feature, Executor>;

// The extra key is part of the weights, not an argument: a caller whose shape has one binds its
// code with this.
inline void bind_extra_key(LayerFeatures& to, const Port& port) noexcept {
    to.finish_tile = finish_tile(port);
}

struct LayerHandle {
    const Port* port = nullptr;
    const std::byte* weights = nullptr;
    const Port& port_or_best() const noexcept { return port ? *port : best_port(); }
};

using LayerFunction = Result (*)(LayerCall& call) noexcept;
using LaidOut = Result (*)(LayerCall& call, LayerFunction then) noexcept;
Result with_layout(LayerCall& call, LayerFunction then) noexcept;

struct LayerCall {
    const LayerHandle& layer;
    const Shape& shape;  // resolved
    ConstRows x;
    ConstRows keys;
    ConstRows values;
    Rows y;
    std::span<std::byte> state;
    std::span<std::byte> scratch;
    Attention how;
    LayerFeatures features;
    // Of the shape. Null: it is worked out at run time, by the function below it.
    const LayerLayout* layout = nullptr;
    LaidOut with_layout = headroom::detail::with_layout;
};

Result open_layer(LayerHandle& layer, const Shape& shape, const Port& port,
                  std::span<const std::byte> weights) noexcept;
Result forward(LayerCall& call) noexcept;
Result append_context(LayerCall& call) noexcept;
Result attend_context(LayerCall& call) noexcept;

// attend_context() reads the state through the same path that forward() writes it by.
inline std::span<std::byte> read_only(std::span<const std::byte> state) noexcept {
    return {const_cast<std::byte*>(state.data()), state.size()};
}

// The public function has one argument fewer than the one that it calls: the shape, argument 1.
constexpr Result without_shape(Result result) noexcept {
    if (result.argument > 0) --result.argument;
    return result;
}

}  // namespace headroom::detail
