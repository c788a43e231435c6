// The memory of one shape at a time: cut from a static array, so that a board needs no heap.
#pragma once

#include <cstddef>
#include <span>

#include "bench/random.hpp"

namespace bench {

class Memory {
public:
    explicit Memory(std::span<std::byte> all) : all_(all) {}

    // Forgets what was taken.
    void clear() { taken_ = 0; }

    // Aligned to 64 and zero, or empty if there is not enough.
    std::span<std::byte> bytes(std::size_t count) {
        const std::size_t from = taken_;
        taken_ += (count + 63) / 64 * 64;
        if (!enough()) return {};
        const auto part = all_.subspan(from, count);
        for (std::byte& b : part) b = std::byte{0};
        return part;
    }
    std::span<float> floats(std::size_t count) {
        const auto part = bytes(count * sizeof(float));
        return {reinterpret_cast<float*>(part.data()), part.size() / sizeof(float)};
    }
    std::span<float> floats(std::size_t count, unsigned seed, float most) {
        const auto part = floats(count);
        fill(part, seed, most);
        return part;
    }

    // Whether all that was asked for is there; nothing else may be used.
    bool enough() const { return taken_ <= all_.size(); }
    std::size_t taken() const { return taken_; }
    std::size_t size() const { return all_.size(); }

private:
    std::span<std::byte> all_;
    std::size_t taken_ = 0;
};

}  // namespace bench
