// The inputs of all benchmarks: numbers known only at run time, so that nothing can be folded.
#pragma once

#include <span>

namespace bench {

// Random numbers in [-most, most), from a seed.
inline void fill(std::span<float> to, unsigned seed, float most) {
    unsigned state = seed;
    for (float& x : to) {
        state = state * 1664525u + 1013904223u;
        x = most * (static_cast<float>(state >> 8) / static_cast<float>(1 << 23) - 1.0f);
    }
}

}  // namespace bench
