// What the parts of a self-test share: their inputs, their memory, and the hash of their outputs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <headroom/detail/self_test.hpp>

namespace headroom::detail {

inline std::span<float> floats_of(std::span<std::byte> bytes) noexcept {
    return {reinterpret_cast<float*>(bytes.data()), bytes.size() / sizeof(float)};
}
// The inputs from number `first` on.
inline std::span<float> numbers_of(const SelfTest& test, std::size_t first = 0) noexcept {
    return floats_of(test.scratch.first(self_test_numbers)).subspan(first);
}
inline std::span<float> outputs_of(const SelfTest& test) noexcept {
    return floats_of(test.scratch.subspan(self_test_numbers, self_test_outputs));
}
inline std::span<std::byte> tile_of(const SelfTest& test) noexcept {
    return test.scratch.subspan(self_test_numbers + self_test_outputs, self_test_tile);
}

// Puts one more word, or the bits of floats, into a hash; every NaN counts as the same.
std::uint32_t mix(std::uint32_t hash, std::uint32_t word) noexcept;
std::uint32_t mix(std::uint32_t hash, std::span<const float> values) noexcept;

// An attention over windows on the inputs, with one key head.
struct SelfTestCase {
    std::uint8_t queries, heads, keys, key_width, value_width;
    std::uint8_t first_position;
    bool causal;
    std::int16_t window_left, sink_tokens;  // int8_t is a character type
    bool poisoned;                          // the last key's value is NaN
};
std::uint32_t mix_attention(std::uint32_t hash, const SelfTest& test, const SelfTestCase& of,
                            const Features& features) noexcept;

}  // namespace headroom::detail
