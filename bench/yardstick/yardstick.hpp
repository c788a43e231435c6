// What a yardstick offers: the same shapes, in its own layout of keys, values and weights,
// unchecked.
#pragma once

#include <cstddef>

namespace bench {

// Multi-head attention of `heads` heads with as many keys as queries.
struct YardstickPrefill {
    int heads, tokens, width;
    bool causal;
    float scale;
    const float* query;       // [heads][tokens][width], and 1024 floats that may be read beyond
    const float* key_panels;  // [heads][panels of 16 tokens][width][16]
    const float* value;       // [heads][tokens rounded up to 16][width]
    float* out;               // [heads][tokens][width]
};

// One query of 32 heads on 8, 64 wide; `query` is scaled already.
struct YardstickDecode {
    int keys;
    const float* query;       // [32][64]
    const float* key_panels;  // [8][panels][64][16]
    const float* value;       // [8][keys][64]
    float* out;               // [32][64]
};

// A whole layer: `heads` heads of 64. Weights in panels of 16 outputs, [panel][inputs][16].
struct YardstickLayer {
    int tokens;
    int heads;
    const float* x;        // [tokens][64 * heads]
    const float* weights;  // [queries | keys | values]
    const float* bias;
    const float* output_weights;
    const float* output_bias;
    float* projected;   // room for [3 * heads][tokens + 16][64]; one token: [3][64 * heads]
    float* key_panels;  // room for [heads][tokens + 16][64]; one token: the cache, as `values`
    float* values;      // one token: the cache, [heads][512 keys][64]
    float* by_head;     // room for [heads][tokens][64]
    float* by_token;    // room for [tokens][heads][64]
    float* y;           // [tokens][64 * heads]
};

struct Yardstick {
    const char* port;  // which of our ports it is compared with
    void (*prefill)(const YardstickPrefill& task);
    void (*decode)(const YardstickDecode& task);
    void (*small)(const YardstickPrefill& task);    // 16 tokens, 16 wide
    void (*layer)(const YardstickLayer& task);      // 3 heads
    void (*one_token)(const YardstickLayer& task);  // 8 heads; 511 tokens are cached
};

// The yardstick for a port, or null.
const Yardstick* find_yardstick(const char* port);

}  // namespace bench
