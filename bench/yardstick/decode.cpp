// Calls the yardstick's decode; see attend.cpp for how its source is included.
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
namespace decode_code {
#include "bench_decode.cpp"
}  // namespace decode_code

void decode(const YardstickDecode& t) {
    const std::size_t keys = std::size_t(t.keys) * 64;
    for (int h = 0; h < 8; ++h) {
        decode_code::kvhead(t.query + h * 4 * 64, t.key_panels + h * keys, t.value + h * keys,
                            t.out + h * 4 * 64, t.keys);
    }
}

}  // namespace bench::YARDSTICK_PORT
