// What the targets behind the parsers of arrays share: arrays of any type and shape, drawn choices.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/input.hpp"
#include "tools/half.hpp"
#include "tools/npy.hpp"

namespace headroom::fuzz {

using tools::Dims;
using tools::Dtype;
using tools::NpyArray;

inline void require_line(const std::string& text) {
    require(std::none_of(text.begin(), text.end(),
                         [](char c) { return static_cast<unsigned char>(c) < ' '; }),
            "what is said is one line of text");
}

/// Nothing in half of the cases.
template <class T>
std::optional<T> maybe(Input& input, std::initializer_list<T> values) {
    const std::size_t n = input.choice(2 * values.size());
    return n < values.size() ? std::optional<T>(values.begin()[n]) : std::nullopt;
}

/// Equal, or NaN of any kind both.
inline bool same_bits(float a, float b) {
    return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b) ||
           (std::isnan(a) && std::isnan(b));
}

/// The arrays of one input, with their memory.
class Arrays {
public:
    /// The pattern says which numbers: small ones, zeros, or also NaN, infinities, huge ones.
    const NpyArray* add(const char* name, Dtype dtype, const Dims& dims, std::uint8_t pattern) {
        NpyArray& array = arrays_.emplace_back(NpyArray{name, dtype, dims, {}});
        std::vector<std::byte>& bytes = memory_.emplace_back();
        for (Index i = 0; i < tools::size_of(dims); ++i) append(bytes, dtype, value(pattern, i));
        array.data = bytes;
        return &array;
    }

private:
    static double value(std::uint8_t pattern, Index i) {
        constexpr double infinity = std::numeric_limits<double>::infinity();
        const auto step = static_cast<double>((i * 7 + pattern) % 5) - 2.0;
        switch (pattern % 8) {
            case 0:
                return 0;
            case 1:
                return step < 0 ? -infinity : 0;
            case 2:
                return step < 0 ? std::nan("") : step;
            case 3:
                return step * 1e38;
            case 4:
                return -infinity;
            case 5:
                return static_cast<double>((i + pattern / 8) % 9);  // as lengths are
            default:
                return step / 2;
        }
    }

    template <class T>
    static void put(std::vector<std::byte>& bytes, T number) {
        const auto raw = std::bit_cast<std::array<std::byte, sizeof number>>(number);
        bytes.insert(bytes.end(), raw.begin(), raw.end());
    }

    static void append(std::vector<std::byte>& bytes, Dtype dtype, double number) {
        const bool whole = std::abs(number) < 1e9;
        switch (dtype) {
            case Dtype::float16:
                return put(bytes, tools::half_of_float(static_cast<float>(number)));
            case Dtype::float64:
                return put(bytes, number);
            case Dtype::boolean:
                return put(bytes, static_cast<std::uint8_t>(number >= 0));
            case Dtype::int64:
                return put(bytes, whole ? static_cast<std::int64_t>(number) : -1);
            default:
                return put(bytes, static_cast<float>(number));
        }
    }

    std::list<NpyArray> arrays_;
    std::list<std::vector<std::byte>> memory_;
};

}  // namespace headroom::fuzz
