// What comes out of a configuration: its hash, its cost, and what it met. On request every output
// is printed too, so that two processors' lists can be laid side by side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>

#include "support/bits.hpp"

namespace headroom::bits {

class Record {
public:
    explicit Record(bool prints = false) : prints_(prints) {}

    /// f32 [rows][width], rows `stride` elements apart, every NaN as 0x7fc00000.
    void floats(const char* what, const float* from, std::ptrdiff_t rows, std::ptrdiff_t width,
                std::ptrdiff_t stride) {
        for (std::ptrdiff_t r = 0; r < rows; ++r) {
            bool finite = true, zero = true;
            if (prints_) std::printf("  %s[%ld]", what, static_cast<long>(r));
            for (std::ptrdiff_t i = 0; i < width; ++i) {
                const std::uint32_t bits = test::bits_of(from[r * stride + i]);
                add(bits);
                finite &= (bits & 0x7f800000u) != 0x7f800000u;
                zero &= bits == 0;
                if (prints_) std::printf(" %08lx", static_cast<unsigned long>(bits));
            }
            if (prints_) std::printf("\n");
            ++(!finite ? poisoned_rows : zero ? zero_rows : plain_rows);
        }
    }

    void number(const char* what, std::uint64_t n) {
        add(static_cast<std::uint32_t>(n));
        add(static_cast<std::uint32_t>(n >> 32));
        if (prints_) std::printf("  %s %016llx\n", what, static_cast<unsigned long long>(n));
    }

    void spend(std::int64_t multiply_adds) { cost_ += multiply_adds; }

    std::uint64_t hash() const { return hash_; }
    std::int64_t cost() const { return cost_; }

    int poisoned_rows = 0, zero_rows = 0, plain_rows = 0;

private:
    // FNV-1a, a word at a time.
    void add(std::uint32_t word) { hash_ = (hash_ ^ word) * 0x100000001b3u; }

    std::uint64_t hash_ = 0xcbf29ce484222325u;
    std::int64_t cost_ = 0;
    bool prints_;
};

}  // namespace headroom::bits
