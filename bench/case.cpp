#include "bench/case.hpp"

#include <cstdio>
#include <cstdlib>

namespace bench {

void pack_panels(const float* rows, int count, int width, float* panels) {
    for (int r = 0; r < (count + 15) / 16 * 16; ++r) {
        for (int c = 0; c < width; ++c) {
            panels[(r / 16 * width + c) * 16 + r % 16] = r < count ? rows[r * width + c] : 0.0f;
        }
    }
}

void expect_ok(headroom::Result result, const std::string& what) {
    if (result.ok()) return;
    std::fprintf(stderr, "%s: %s (argument %d)\n", what.c_str(), describe(result.status),
                 result.argument);
    std::exit(2);
}

}  // namespace bench
