// Comparing floats by their bits, with every NaN taken for the same one: sign and payload of a NaN
// are outside the contract.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace headroom::test {

inline constexpr std::uint32_t canonical_nan = 0x7fc00000u;

inline bool is_nan_bits(std::uint32_t bits) { return (bits & 0x7fffffffu) > 0x7f800000u; }

/// The bits of a float, 0x7fc00000 for each NaN.
inline std::uint32_t bits_of(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    return is_nan_bits(bits) ? canonical_nan : bits;
}

/// FNV-1a of the bytes as they are: for "nothing has changed".
inline std::uint64_t hash_bytes(std::span<const std::byte> bytes) {
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (const std::byte b : bytes)
        hash = (hash ^ std::to_integer<std::uint64_t>(b)) * 0x100000001b3u;
    return hash;
}

/// FNV-1a of the canonical bits: for "the same result".
inline std::uint64_t hash_floats(std::span<const float> values) {
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (const float value : values) hash = (hash ^ bits_of(value)) * 0x100000001b3u;
    return hash;
}

/// Where two arrays first differ in canonical bits, in words; empty if nowhere. Meant for
/// `CHECK(difference(a, b) == "")`, which prints it.
inline std::string difference(std::span<const float> want, std::span<const float> got) {
    if (want.size() != got.size()) return "sizes differ";
    for (std::size_t i = 0; i < want.size(); ++i) {
        if (bits_of(want[i]) == bits_of(got[i])) continue;
        return "[" + std::to_string(i) + "] want " + std::to_string(want[i]) + " got " +
               std::to_string(got[i]) + " (bits " + std::to_string(bits_of(want[i])) + ", " +
               std::to_string(bits_of(got[i])) + ")";
    }
    return {};
}

}  // namespace headroom::test
