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
    std::uintptr_t begin;
    std::uintptr_t end;
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

// The checks below take any tensor as read-only: there is one of each in a program.

// The elements that a valid view touches, from the first to the last, as a range of memory.
Status check_tensor(const ConstTensor& t, Range& range) noexcept;

// The elements that a view which has been checked touches. Without tokens: none.
Range touched(const ConstTensor& t) noexcept;

// Whether no two elements of a tensor to be written share memory: each stride reaches past what is
// inside it.
bool writable(const ConstTensor& t) noexcept;

// Whether writing `out` could change an element of `in`: their ranges meet, and they do not
// interleave with a common stride so that neither's elements fall between the other's.
bool shares(const ConstTensor& out, const ConstTensor& in) noexcept;

// Rows as a tensor of one head.
inline ConstTensor as_tensor(const ConstRows& r) noexcept {
    return {r.data, 1, r.rows, 1, r.width, 0, r.stride, 0};
}

// A span that must have one element for each of something.
inline Status check_count(std::size_t given, std::size_t wanted) noexcept {
    return given < wanted ? Status::too_small : given > wanted ? Status::bad_shape : Status::ok;
}

inline bool finite(float x) noexcept { return x - x == 0.0f; }
inline bool finite(double x) noexcept { return x - x == 0.0; }

}  // namespace headroom::detail
