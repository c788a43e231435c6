// Checks on memory that the public functions make before they touch anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <headroom/detail/sizes.hpp>
#include <headroom/status.hpp>
#include <headroom/tensor.hpp>

namespace headroom::detail {

// Bytes that a view may touch: from its first element to its last.
struct Range {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
};

inline Range range_of(const void* data, std::size_t bytes) noexcept {
    const auto begin = reinterpret_cast<std::uintptr_t>(data);
    return {begin, begin + bytes};
}
template <class T>
Range range_of(std::span<T> data) noexcept {
    return range_of(data.data(), data.size_bytes());
}
inline bool overlap(const Range& a, const Range& b) noexcept {
    return a.begin < b.end && b.begin < a.end && a.begin < a.end && b.begin < b.end;
}
inline bool aligned(const void* data) noexcept {
    return reinterpret_cast<std::uintptr_t>(data) % alignment == 0;
}

// State, scratch or weights: large enough, then aligned.
inline Status check_arena(std::span<const std::byte> arena, std::size_t bytes) noexcept {
    if (arena.size() < bytes) return Status::too_small;
    return aligned(arena.data()) ? Status::ok : Status::misaligned;
}

// One dimension of a strided view.
struct Extent {
    Index count;
    Index stride;
};

// The number of elements from the first to the last of a view: 0 if it is empty, the largest number if there can be no
// such memory, -1 if a size or stride is negative.
inline Index reach(std::span<const Extent> extents, Index width) noexcept {
    Index last = width - 1;
    bool empty = width == 0;
    for (const Extent& e : extents) {
        Index step = 0;
        if (e.count < 0 || e.stride < 0) return -1;
        if (e.count == 0) empty = true;
        if (e.count > 0 && (__builtin_mul_overflow(e.count - 1, e.stride, &step) ||
                            __builtin_add_overflow(last, step, &last))) {
            return PTRDIFF_MAX;
        }
    }
    return empty ? 0 : last == PTRDIFF_MAX ? last : last + 1;
}

template <class T>
Status check_tensor(const BasicTensor<T>& t) noexcept {
    if (t.batches < 1 || t.heads < 1 || t.width < 1 || t.tokens < 0) return Status::bad_shape;
    const Extent extents[] = {{t.batches, t.batch_stride}, {t.tokens, t.token_stride}, {t.heads, t.head_stride}};
    const Index n = reach(extents, t.width);
    if (n < 0) return Status::bad_shape;
    return static_cast<std::size_t>(n) > t.data.size() ? Status::too_small : Status::ok;
}

template <class T>
Status check_rows(const BasicRows<T>& r) noexcept {
    if (r.rows < 0 || r.width < 1) return Status::bad_shape;
    const Extent extents[] = {{r.rows, r.stride}};
    const Index n = reach(extents, r.width);
    if (n < 0) return Status::bad_shape;
    return static_cast<std::size_t>(n) > r.data.size() ? Status::too_small : Status::ok;
}

// Whether no two elements of a view to be written share memory: each stride reaches past what is inside it.
bool writable(std::span<const Extent> extents, Index width) noexcept;

// The elements that a view really touches, as a range.
template <class T>
Range touched(const BasicTensor<T>& t) noexcept {
    const Extent extents[] = {{t.batches, t.batch_stride}, {t.tokens, t.token_stride}, {t.heads, t.head_stride}};
    const Index n = reach(extents, t.width);
    return range_of(t.data.data(), n > 0 ? static_cast<std::size_t>(n) * sizeof(T) : 0);
}
template <class T>
Range touched(const BasicRows<T>& r) noexcept {
    const Extent extents[] = {{r.rows, r.stride}};
    const Index n = reach(extents, r.width);
    return range_of(r.data.data(), n > 0 ? static_cast<std::size_t>(n) * sizeof(T) : 0);
}

// Whether writing `out` could change an element of `in`: their ranges meet, and they do not interleave with a
// common stride so that neither's elements fall between the other's.
bool shares(const Tensor& out, const ConstTensor& in) noexcept;

// A view as a tensor of one head, for the two functions above.
template <class T>
BasicTensor<T> as_tensor(const BasicRows<T>& r) noexcept {
    return {r.data, 1, r.rows, 1, r.width, 0, r.stride, 0};
}

// A span that must have one element for each of something.
inline Status check_count(std::size_t given, std::size_t wanted) noexcept {
    return given < wanted ? Status::too_small : given > wanted ? Status::bad_shape : Status::ok;
}

inline bool finite(float x) noexcept { return x - x == 0.0f; }
inline bool finite(double x) noexcept { return x - x == 0.0; }

}  // namespace headroom::detail
