// Views of the caller's tensors. A view owns nothing and copies nothing.
#pragma once

#include <cstddef>
#include <span>

namespace headroom {

/// Signed sizes, strides and indices, counted in elements unless a name says otherwise.
using Index = std::ptrdiff_t;

namespace detail {
template <class T>
inline constexpr bool is_const = false;
template <class T>
inline constexpr bool is_const<const T> = true;

template <class T>
inline constexpr bool is_array = false;
template <class T, std::size_t N>
inline constexpr bool is_array<T[N]> = true;

template <class T>
inline constexpr bool is_pointer = false;
template <class T>
inline constexpr bool is_pointer<T*> = true;
template <class T>
inline constexpr bool is_pointer<T* const> = true;
template <class T>
inline constexpr bool is_pointer<T&> = is_pointer<T>;

// The element type of anything a span can be made of: an array, a span, a vector.
template <class Data>
struct ElementOf {
    using type = typename decltype(std::span(static_cast<Data (*)()>(nullptr)()))::element_type;
    static_assert(!is_array<type>, "pass a flat array: the elements of this one are arrays");
};
template <class Data>
requires is_pointer<Data>
struct ElementOf<Data> {
    static_assert(!is_pointer<Data>,
                  "a pointer does not tell how far it reaches: pass std::span(pointer, count)");
    using type = float;
};
template <class Data>
using Element = typename ElementOf<Data>::type;
}  // namespace detail

/// A view of T [batches][tokens][heads][width] in memory of any order of its first three
/// dimensions.
///
///   element (b, t, h, c) = data[b * batch_stride + t * token_stride + h * head_stride + c]
///
/// The elements of one head of one token are contiguous. Strides are not negative; a read-only view
/// may repeat memory with stride 0. `data` must reach the last element: that is checked by each
/// call.
template <class T>
struct BasicTensor {
    std::span<T> data;
    Index batches = 1;
    Index tokens = 0;
    Index heads = 1;
    Index width = 0;
    Index batch_stride = 0;
    Index token_stride = 0;
    Index head_stride = 0;

    constexpr operator BasicTensor<const T>() const noexcept requires(!detail::is_const<T>) {
        return {data, batches, tokens, heads, width, batch_stride, token_stride, head_stride};
    }
};

using Tensor = BasicTensor<float>;
using ConstTensor = BasicTensor<const float>;

/// Contiguous [batches][tokens][heads][width]: what a projection writes. `data` is a flat array, a
/// span, or anything else that a std::span can be made of.
template <class Data>
constexpr BasicTensor<detail::Element<Data>> token_major(Data&& data, Index tokens, Index heads,
                                                         Index width, Index batches = 1) noexcept {
    return {data, batches, tokens, heads, width, tokens * heads * width, heads * width, width};
}

/// Contiguous [batches][heads][tokens][width]: ONNX's 4-D layout.
template <class Data>
constexpr BasicTensor<detail::Element<Data>> head_major(Data&& data, Index heads, Index tokens,
                                                        Index width, Index batches = 1) noexcept {
    return {data, batches, tokens, heads, width, heads * tokens * width, width, tokens * width};
}

/// A view of T [rows][width], rows `stride` elements apart: the tokens that a layer reads or
/// writes.
template <class T>
struct BasicRows {
    std::span<T> data;
    Index rows = 0;
    Index width = 0;
    Index stride = 0;

    constexpr operator BasicRows<const T>() const noexcept requires(!detail::is_const<T>) {
        return {data, rows, width, stride};
    }
};

using Rows = BasicRows<float>;
using ConstRows = BasicRows<const float>;

/// Contiguous [rows][width].
template <class Data>
constexpr BasicRows<detail::Element<Data>> rows_of(Data&& data, Index rows, Index width) noexcept {
    return {data, rows, width, width};
}

/// A mask or bias for every (batch, head, query, key), broadcast by stride 0.
///
///   element (b, h, i, j) = data[b * batch_stride + h * head_stride
///                               + i * query_stride + j * key_stride]
///
/// `i` counts from the first query of the call, `j` from key 0 of the sequence. Keys at `keys` and
/// beyond are masked (ONNX pads a short mask so), so `keys` is always given: elements without keys
/// are bad_shape. `data` must reach the last element that the call's sizes address.
template <class T>
struct Mask {
    std::span<const T> data;
    Index keys = 0;
    Index batch_stride = 0;
    Index head_stride = 0;
    Index query_stride = 0;
    Index key_stride = 1;
};

}  // namespace headroom
