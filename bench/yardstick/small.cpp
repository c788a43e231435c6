// Calls the yardstick's kernel for 16 tokens, 16 wide; see attend.cpp for how its source is
// included.
#include "bench/yardstick/yardstick.hpp"

#include <immintrin.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#define main yardstick_main

namespace bench::YARDSTICK_PORT {
namespace small_code {
#include "bench_16x16.cpp"
}  // namespace small_code

void small(const YardstickPrefill& t) {
    for (int h = 0; h < t.heads; ++h) {
        small_code::head16(t.query + h * 256, t.key_panels + h * 256, t.value + h * 256,
                           t.out + h * 256, t.scale);
    }
}

}  // namespace bench::YARDSTICK_PORT
