// What a peer offers: another library that computes the same. Each is a module of its own that the
// benchmark program loads at run time, so a peer that is not installed is skipped and no two
// libraries meet in one name space.
#pragma once

namespace bench {

// Attention of [heads][tokens][width] on [kv_heads][keys][width]; heads that share keys lie next to
// each other. Query i stands at position keys - tokens + i.
struct AttendTask {
    int heads, kv_heads, width, tokens, keys;
    bool causal;
    bool has_cache;  // keys and values were there before the call: they may be kept in any layout
    float scale;
    const float* query;
    const float* key;
    const float* value;
    float* out;  // as the queries
};

// A layer, from x to y, both [tokens][model_dim]; heads * width is model_dim.
struct LayerTask {
    int model_dim, heads, kv_heads, width, tokens, keys;  // keys - tokens are in the cache already
    bool causal;
    float scale;
    const float* x;
    const float* input_weight;  // [queries | keys | values][model_dim]
    const float* input_bias;
    const float* output_weight;  // [model_dim][model_dim]
    const float* output_bias;
    const float* cached_keys;    // [kv_heads][keys][width], of which keys - tokens of each head are
    const float* cached_values;  // there; to be copied to where it suits
    float* y;

    int position() const { return keys - tokens; }
    int input_width() const { return (heads + 2 * kv_heads) * width; }
};

// A task made ready: what a program does once (packing weights, compiling kernels, choosing tiles)
// is done. Calling run() again gives the same output again.
class Job {
public:
    Job() = default;
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;
    virtual ~Job() = default;
    virtual void run() = 0;

    // Puts the output where the task wants it, if run() does not; no part of what is timed.
    virtual void deliver() {}

    // Where a call costs time that is not the task's, run_series() does the task so many times more
    // than run(), and what it takes longer is what counts; 0: run() is timed.
    virtual int more_in_series() const { return 0; }
    virtual void run_series() {}
};

struct Peer {
    const char* (*description)();            // version, and what it found of the processor
    Job* (*attend)(const AttendTask& task);  // null: it does not do this task
    Job* (*layer)(const LayerTask& task);
};

}  // namespace bench

// The only name that a module shows.
extern "C" __attribute__((visibility("default"))) const bench::Peer* headroom_peer();
