// The bytes of one fuzzing input, taken in order; zeros once they are used up.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>

namespace headroom::fuzz {

class Input {
public:
    Input(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}

    template <class T>
    T take() {
        T value{};
        const std::size_t n = std::min(sizeof(T), rest_.size());
        if (n > 0) std::memcpy(&value, rest_.data(), n);
        rest_ = rest_.subspan(n);
        return value;
    }

    /// One of [0, n).
    std::size_t choice(std::size_t n) { return take<std::uint8_t>() % n; }

    std::span<const std::byte> rest() const { return std::as_bytes(rest_); }
    bool empty() const { return rest_.empty(); }

private:
    std::span<const std::uint8_t> rest_;
};

/// Ends the program as a finding unless `holds`. An assert() would be gone in a release build.
inline void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "fuzz: not so: %s\n", what);
    std::abort();
}

}  // namespace headroom::fuzz
