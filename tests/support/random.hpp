// Random numbers that are the same on every platform, and how much of them a test takes.
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <numbers>
#include <span>
#include <type_traits>
#include <utility>

#include <headroom/tensor.hpp>

namespace headroom::test {

/// `n` repetitions, scaled by the environment variable HEADROOM_TEST_SCALE (0.1 under a sanitizer);
/// never 0.
inline int repeats(int n) {
    static const double scale = [] {
        const char* const text = std::getenv("HEADROOM_TEST_SCALE");
        return text == nullptr ? 1.0 : std::atof(text);
    }();
    const double scaled = n * scale;
    return scaled < 1.0 ? 1 : static_cast<int>(scaled);
}

/// Whether nothing is scaled down: exhaustive tests take a sample otherwise.
inline bool full_effort() { return repeats(1000) >= 1000; }

/// SplitMix64: one 64-bit state, so that a seed printed by a failing test is enough to repeat it.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15u + 0x1234567u) {}

    std::uint64_t bits() {
        state_ += 0x9E3779B97F4A7C15u;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        return z ^ (z >> 31);
    }

    /// In [0, 1).
    double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }

    /// In [low, high], both included.
    template <std::signed_integral Low, std::signed_integral High>
    std::common_type_t<Low, High> between(Low low, High high) {
        const auto count = static_cast<std::uint64_t>(std::int64_t{high} - low) + 1;
        return static_cast<std::common_type_t<Low, High>>(
            low + static_cast<std::int64_t>(bits() % count));
    }

    bool chance(double probability) { return uniform() < probability; }

    template <class T>
    T pick(std::initializer_list<T> of) {
        return of.begin()[between(0, static_cast<std::ptrdiff_t>(of.size()) - 1)];
    }

    /// N(0, deviation^2), with values below 2^-20 replaced by zeros of both signs: the contract's
    /// test data, on which ports that flush subnormals agree too.
    float normal(double deviation = 1.0) {
        const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
        const double x = deviation * radius * std::cos(2.0 * std::numbers::pi * uniform());
        if (std::abs(x) < 0x1p-20) return x < 0 ? -0.0f : 0.0f;
        return static_cast<float>(x);
    }

    void fill(std::span<float> values, double deviation = 1.0) {
        for (float& value : values) value = normal(deviation);
    }

    template <class T>
    void shuffle(std::span<T> values) {
        for (std::size_t i = values.size(); i > 1; --i) {
            const auto other = static_cast<std::size_t>(bits() % i);
            std::swap(values[i - 1], values[other]);
        }
    }

private:
    std::uint64_t state_;
};

}  // namespace headroom::test
