// Checks on memory that the public functions make before they touch anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <headroom/detail/sizes.hpp>
#include <headroom/status.hpp>
#include <headroom/tensor.hpp>

namespace headroom::detail {

// Bytes that a view may touch: from its first element to its last. Without bytes: {0, 0}, which
// overlaps nothing.
struct Range {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
};

inline Range range_of(const void* data, std::size_t bytes) noexcept {
    const auto begin = bytes == 0 ? 0 : reinterpret_cast<std::uintptr_t>(data);
    return {begin, begin + bytes};
}
template <class T>
Range range_of(std::span<T> data) noexcept {
    return range_of(data.data(), data.size_bytes());
}
inline bool overlap(const Range& a, const Range& b) noexcept {
    return a.begin < b.end && b.begin < a.end;
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

// The number of elements from the first to the last of a view: 0 if it is empty, the largest number
// if there can be no such memory, -1 if a size or stride is negative.
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

// The same for a tensor, whose sizes are known not to be negative, without a loop: this runs four
// times in every call.
template <class T>
Index reach(const BasicTensor<T>& t) noexcept {
    Index batches = 0, tokens = 0, heads = 0, last = 0;
    const Index step = t.tokens > 0 ? t.tokens - 1 : 0;
    const bool negative = t.batch_stride < 0 || t.token_stride < 0 || t.head_stride < 0;
    if (negative || __builtin_mul_overflow(t.batches - 1, t.batch_stride, &batches) ||
        __builtin_mul_overflow(step, t.token_stride, &tokens) ||
        __builtin_mul_overflow(t.heads - 1, t.head_stride, &heads) ||
        __builtin_add_overflow(batches, tokens, &last) ||
        __builtin_add_overflow(last, heads, &last) ||
        __builtin_add_overflow(last, t.width, &last)) {
        return negative ? -1 : PTRDIFF_MAX;
    }
    return t.tokens > 0 ? last : 0;
}

// The elements that a valid view touches, from the first to the last, as a range of memory.
template <class T>
Status check_tensor(const BasicTensor<T>& t, Range& range) noexcept {
    if (t.batches < 1 || t.heads < 1 || t.width < 1 || t.tokens < 0) return Status::bad_shape;
    const Index n = reach(t);
    if (n < 0) return Status::bad_shape;
    if (static_cast<std::size_t>(n) > t.data.size()) return Status::too_small;
    range = range_of(t.data.data(), static_cast<std::size_t>(n) * sizeof(T));
    return Status::ok;
}
template <class T>
Status check_tensor(const BasicTensor<T>& t) noexcept {
    Range unused;
    return check_tensor(t, unused);
}

template <class T>
Status check_rows(const BasicRows<T>& r) noexcept {
    if (r.rows < 0 || r.width < 1) return Status::bad_shape;
    const Extent extents[] = {{r.rows, r.stride}};
    const Index n = reach(extents, r.width);
    if (n < 0) return Status::bad_shape;
    return static_cast<std::size_t>(n) > r.data.size() ? Status::too_small : Status::ok;
}

// Whether no two elements of a view to be written share memory: each stride reaches past what is
// inside it.
bool writable(std::span<const Extent> extents, Index width) noexcept;

// The elements that a view really touches, as a range.
template <class T>
Range touched(const BasicTensor<T>& t) noexcept {
    const Extent extents[] = {
        {t.batches, t.batch_stride}, {t.tokens, t.token_stride}, {t.heads, t.head_stride}};
    const Index n = reach(extents, t.width);
    return range_of(t.data.data(), n > 0 ? static_cast<std::size_t>(n) * sizeof(T) : 0);
}
template <class T>
Range touched(const BasicRows<T>& r) noexcept {
    const Extent extents[] = {{r.rows, r.stride}};
    const Index n = reach(extents, r.width);
    return range_of(r.data.data(), n > 0 ? static_cast<std::size_t>(n) * sizeof(T) : 0);
}

// Whether writing `out` could change an element of `in`: their ranges meet, and they do not
// interleave with a common stride so that neither's elements fall between the other's.
bool shares(const Tensor& out, const ConstTensor& in) noexcept;

// Whether no two elements of a tensor to be written share memory. The two usual orders are seen at
// a glance.
inline bool writable(const Tensor& t) noexcept {
    const Index heads = (t.heads - 1) * t.head_stride, tokens = (t.tokens - 1) * t.token_stride;
    const bool token_major = t.head_stride >= t.width && t.token_stride >= heads + t.width;
    const bool head_major = t.token_stride >= t.width && t.head_stride >= tokens + t.width;
    if (t.batches == 1 && (token_major || head_major)) return true;
    const Extent extents[] = {
        {t.batches, t.batch_stride}, {t.tokens, t.token_stride}, {t.heads, t.head_stride}};
    return writable(extents, t.width);
}

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
