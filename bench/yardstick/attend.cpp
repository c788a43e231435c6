// Calls the yardstick's prefill and its layers. Its sources have global names and a main(): they
// are included inside a namespace of this port, after every header that they use, so that nothing
// of them meets anything else.
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
namespace code {
#include "bench_layer.cpp"
}  // namespace code

void prefill(const YardstickPrefill& t) {
    const code::Shp shape{t.tokens, t.tokens, t.width, t.causal, t.scale};
    const std::size_t rows = std::size_t(t.tokens) * t.width,
                      keys = std::size_t((t.tokens + 15) / 16 * 16) * t.width;
    for (int h = 0; h < t.heads; ++h) {
        if (t.width == 64) {
            code::head<code::BE, 64>(shape, t.query + h * rows, t.key_panels + h * keys,
                                     t.value + h * keys, t.out + h * rows, code::SC);
        } else {
            code::head<code::BE, 128>(shape, t.query + h * rows, t.key_panels + h * keys,
                                      t.value + h * keys, t.out + h * rows, code::SC);
        }
    }
}

void layer(const YardstickLayer& t) {
    using code::W;  // GNV is made of it
    constexpr int width = 192, vectors = GNV * W;
    const std::size_t head_size = std::size_t(t.tokens + 16) * 64;
    const code::Shp shape{t.tokens, t.tokens, 64, false, 0.125f};
    for (int g = 0; g < 9; ++g) {
        for (int c = 0; c < 64; c += vectors) {
            code::gcol<GNV, width>(
                t.x, t.weights + std::size_t(g) * 64 * width + std::size_t(c / 16) * 16 * width,
                t.bias + g * 64 + c, t.projected + g * head_size + c, 64, t.tokens);
        }
    }
    for (int h = 0; h < 3; ++h) {
        code::packk<code::BE>(t.projected + (3 + h) * head_size, t.tokens, 64,
                              t.key_panels + h * head_size);
    }
    for (int h = 0; h < 3; ++h) {
        code::head<code::BE, 64>(shape, t.projected + h * head_size, t.key_panels + h * head_size,
                                 t.projected + (6 + h) * head_size,
                                 t.by_head + std::size_t(h) * t.tokens * 64, code::SC);
    }
    for (int r = 0; r < t.tokens; ++r) {
        for (int h = 0; h < 3; ++h) {
            std::memcpy(t.by_token + r * width + h * 64,
                        t.by_head + (std::size_t(h) * t.tokens + r) * 64, 256);
        }
    }
    for (int c = 0; c < width; c += vectors) {
        code::gcol<GNV, width>(t.by_token, t.output_weights + std::size_t(c / 16) * 16 * width,
                               t.output_bias + c, t.y + c, width, t.tokens);
    }
}

void one_token(const YardstickLayer& t) {
    constexpr int width = 512, keys = 512;
    const code::Shp shape{1, keys, 64, false, 0.125f};
    code::gemv<GP>(t.x, t.weights, width, 96, t.bias, t.projected);
    for (int h = 0; h < 8; ++h) {
        float* panel = t.key_panels + std::size_t(h) * keys * 64 + std::size_t(31) * 16 * 64;
        for (int c = 0; c < 64; ++c) panel[c * 16 + 15] = t.projected[512 + h * 64 + c];
        std::memcpy(t.values + (std::size_t(h) * keys + 511) * 64, t.projected + 1024 + h * 64,
                    256);
    }
    for (int h = 0; h < 8; ++h) {
        code::rows<code::BE, 64>(
            shape, t.projected + h * 64, 0, 1, t.key_panels + std::size_t(h) * keys * 64,
            t.values + std::size_t(h) * keys * 64, t.by_head + h * 64, code::SC);
    }
    code::gemv<GP>(t.by_head, t.output_weights, width, 32, t.output_bias, t.y);
}

}  // namespace bench::YARDSTICK_PORT
