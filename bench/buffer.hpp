// Memory of a benchmark, and numbers to fill it with.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>

namespace bench {

// Floats aligned to 64 bytes, zero at first. Large ones start at a huge page, for ours and for what
// it is compared with alike, so that neither is luckier with the pages that it gets.
class Buffer {
public:
    explicit Buffer(std::size_t floats);
    std::span<float> floats() { return {data_.get(), count_}; }
    std::span<const float> floats() const { return {data_.get(), count_}; }
    std::span<std::byte> bytes() { return std::as_writable_bytes(floats()); }
    float* data() { return data_.get(); }
    const float* data() const { return data_.get(); }

    // With random numbers, see random.hpp.
    Buffer& fill(unsigned seed, float most);

private:
    struct Free {
        void operator()(float* p) const { std::free(p); }
    };
    std::unique_ptr<float, Free> data_;
    std::size_t count_;
};

inline Buffer bytes_of(std::size_t bytes) { return Buffer((bytes + 3) / sizeof(float)); }

// The number of elements of something with these extents.
inline std::size_t product(int a, int b, int c = 1) {
    return static_cast<std::size_t>(a) * static_cast<std::size_t>(b) * static_cast<std::size_t>(c);
}

}  // namespace bench
