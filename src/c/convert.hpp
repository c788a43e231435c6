// What the C interface passes, as what the C++ interface takes. Nothing is copied but views.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <headroom/headroom.h>
#include <headroom/headroom.hpp>

namespace headroom::c {

// A null pointer is memory of no elements, whatever its size says.
template <class T>
std::span<T> span_of(T* data, std::size_t count) noexcept {
    return data == nullptr ? std::span<T>() : std::span<T>(data, count);
}
inline std::span<std::byte> bytes_of(const hr_memory& memory) noexcept {
    return span_of(static_cast<std::byte*>(memory.data), memory.bytes);
}
inline std::span<const std::byte> bytes_of(const hr_const_memory& memory) noexcept {
    return span_of(static_cast<const std::byte*>(memory.data), memory.bytes);
}
inline std::span<const float> span_of(const hr_floats& floats) noexcept {
    return span_of(floats.data, floats.count);
}

inline Tensor tensor_of(const hr_tensor& t) noexcept {
    return {span_of(t.data, t.count), t.batches,      t.tokens,     t.heads, t.width,
            t.batch_stride,           t.token_stride, t.head_stride};
}
inline ConstTensor tensor_of(const hr_const_tensor& t) noexcept {
    return {span_of(t.data, t.count), t.batches,      t.tokens,     t.heads, t.width,
            t.batch_stride,           t.token_stride, t.head_stride};
}
inline Rows rows_of(const hr_rows& r) noexcept {
    return {span_of(r.data, r.count), r.rows, r.width, r.stride};
}
inline ConstRows rows_of(const hr_const_rows& r) noexcept {
    return {span_of(r.data, r.count), r.rows, r.width, r.stride};
}

inline const Port* port_of(const hr_port* port) noexcept {
    return reinterpret_cast<const Port*>(port);
}
inline const hr_port* port_of(const Port* port) noexcept {
    return reinterpret_cast<const hr_port*>(port);
}

inline hr_result result_of(Status status, int argument) noexcept {
    return {static_cast<hr_status>(status),
            static_cast<std::uint8_t>(status == Status::ok ? 0 : argument)};
}
inline hr_result result_of(Result result) noexcept {
    return result_of(result.status, result.argument);
}
// A method in C++: its object is argument 1 in C. Features keep their own numbers.
inline hr_result result_of_method(Result result) noexcept {
    return result_of(result.status,
                     result.argument < HR_SOFTCAP ? result.argument + 1 : result.argument);
}

Shape shape_of(const hr_shape& shape) noexcept;
CacheShape shape_of(const hr_cache_shape& shape) noexcept;
hr_cache_shape shape_of(const CacheShape& shape) noexcept;

// Binds a new handle to the memory of a C one.
Result open(const hr_cache* from, KvCache& cache) noexcept;
hr_cache handle_of(const KvCache& cache) noexcept;

RotaryParameters parameters_of(const hr_rotary_parameters& parameters) noexcept;
RotaryTables tables_of(const hr_rotary_tables& tables) noexcept;
RotaryPairs pairs_of(int pairs) noexcept;
inline bool known_pairs(int pairs) noexcept {
    return pairs == HR_ROTARY_HALVES || pairs == HR_ROTARY_INTERLEAVED;
}

// Which keys a query sees; null is all of them. Too small if an array is given without its size.
Status attention_of(const hr_attention* from, Attention& how) noexcept;

}  // namespace headroom::c
