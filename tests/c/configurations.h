// What the two programs of the hash test compute: hash.c through the C interface, hash.cpp through
// the C++ one. Numbers only; fields that a configuration does not name are 0.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
#define HASH_CONSTANT constexpr
#else
#define HASH_CONSTANT static const
#endif

enum {
    WITH_SOFTCAP = 1,
    WITH_ALIBI = 2,
    WITH_BIAS = 4,
    WITH_MASK = 8,
    WITH_SINKS = 16,
    WITH_EXTRA_KEY = 32,
    WITH_ZERO_KEY = 64,
    WITH_HEAD_MASK = 128,
    WITH_WEIGHTS = 256,
    WITH_STATISTICS = 512,
    WITH_EXECUTOR = 1024,
    WITH_TABLES = 2048,
    WITH_COMPUTED = 4096,
    WITH_NAN = 8192,  // the last value is NaN
    FEATURE_BITS = 13
};

struct attend_configuration {
    int features;
    int batches, queries, keys, heads, kv_heads, key_width, value_width;
    bool head_major, cached;
    float scale;
    bool causal;
    int64_t first_position, keys_left, keys_right, sink_tokens;
    bool valid_keys, first_positions;
    int stage;
};

// features, batches, queries, keys, heads, kv_heads, key_width, value_width, head_major, cached,
// scale, causal, first_position, keys_left, keys_right, sink_tokens, valid_keys, first_positions,
// stage
HASH_CONSTANT struct attend_configuration attend_configurations[] = {
    {0, 1, 1, 1, 1, 1, 1, 1, false, false, 0, false, 0, 0, 0, 0, false, false, 0},
    {0, 2, 7, 150, 4, 2, 24, 20, false, false, 0, false, 0, 0, 0, 0, false, false, 0},
    {0, 1, 16, 16, 2, 2, 16, 16, false, false, 0, false, 0, 0, 0, 0, false, false, 0},
    {0, 2, 11, 40, 3, 1, 9, 12, true, false, 0.75f, true, 29, 0, 0, 0, false, false, 0},
    {0, 1, 20, 140, 2, 1, 17, 5, false, true, 0, true, 120, 30, 0, 3, false, false, 0},
    {0, 1, 9, 33, 2, 2, 8, 8, false, false, 0, false, 10, 6, 4, 0, false, false, 0},
    {0, 2, 5, 20, 2, 2, 8, 8, false, false, 0, true, 0, 0, 0, 1, true, true, 0},
    {WITH_SOFTCAP, 1, 6, 30, 4, 2, 12, 10, false, false, 2.0f, true, 24, 0, 0, 0, false, false, 0},
    {WITH_ALIBI, 1, 6, 30, 4, 2, 12, 10, false, true, 0, true, 24, 0, 0, 0, false, false, 0},
    {WITH_BIAS, 2, 6, 30, 4, 2, 12, 10, false, false, 0, true, 24, 0, 0, 0, false, false, 0},
    {WITH_MASK, 2, 6, 30, 4, 2, 12, 10, true, false, 0, false, 0, 0, 0, 0, false, false, 0},
    {WITH_SINKS, 1, 6, 30, 4, 2, 12, 10, false, false, 0, true, -2, 0, 0, 0, false, false, 0},
    {WITH_EXTRA_KEY, 1, 6, 30, 4, 2, 12, 10, false, true, 0, true, 4, 0, 0, 0, false, false, 0},
    {WITH_ZERO_KEY, 1, 6, 30, 4, 2, 12, 10, false, false, 0, true, 4, 0, 0, 0, false, false, 0},
    {WITH_HEAD_MASK, 1, 6, 30, 6, 2, 12, 10, false, false, 0, true, 24, 0, 0, 0, false, false, 0},
    {WITH_NAN, 1, 6, 30, 2, 1, 12, 10, false, false, 0, true, 24, 0, 0, 0, false, false, 0},
    {WITH_WEIGHTS | WITH_SOFTCAP, 1, 4, 140, 2, 1, 8, 6, false, false, 0, true, 136, 0, 0, 0, false,
     false, 0},
    {WITH_WEIGHTS | WITH_SOFTCAP, 1, 4, 140, 2, 1, 8, 6, false, false, 0, true, 136, 0, 0, 0, false,
     false, 1},
    {WITH_WEIGHTS | WITH_MASK | WITH_ALIBI, 2, 4, 40, 2, 1, 8, 6, false, false, 0, true, 36, 0, 0,
     0, false, false, 2},
    {WITH_WEIGHTS | WITH_SINKS, 1, 4, 140, 2, 1, 8, 6, false, true, 0, true, 136, 0, 0, 0, false,
     false, 3},
    {WITH_STATISTICS | WITH_BIAS, 2, 9, 50, 4, 2, 8, 6, false, false, 0, true, 41, 0, 0, 0, false,
     false, 0},
    {WITH_EXECUTOR, 2, 20, 60, 6, 2, 12, 10, false, false, 0, true, 40, 0, 0, 0, false, false, 0},
    {2047, 1, 13, 140, 6, 3, 7, 11, false, false, 0.5f, true, 127, 100, 0, 2, true, false, 3},
    {2047, 1, 13, 140, 6, 3, 7, 11, false, true, 0.5f, true, 127, 100, 0, 2, true, true, 2},
};

struct layer_configuration {
    int features;
    int model_dim, heads, kv_heads, head_dim, value_dim, key_source_dim, value_source_dim,
        output_dim;
    bool extra_key;
    int rotary_dim, max_queries;
    int64_t max_keys, window, sinks;
    bool causal;
    int64_t keys_left, sink_tokens;
    bool biases, interleaved;
    int scaling;   // of rotary embedding
    int calls[4];  // tokens of each call; in cross-attention of each piece of the context
    int attends;   // cross-attention: tokens that attend; else 0
};

HASH_CONSTANT struct layer_configuration layer_configurations[] = {
    {.features = 0,
     .model_dim = 32,
     .heads = 4,
     .kv_heads = 2,
     .head_dim = 8,
     .max_queries = 5,
     .max_keys = 64,
     .causal = true,
     .calls = {7, 1, 3, 0}},
    {.features = WITH_COMPUTED | WITH_SOFTCAP | WITH_ALIBI,
     .model_dim = 24,
     .heads = 4,
     .kv_heads = 2,
     .head_dim = 6,
     .value_dim = 5,
     .output_dim = 20,
     .extra_key = true,
     .rotary_dim = 4,
     .max_queries = 3,
     .max_keys = 40,
     .causal = true,
     .keys_left = 9,
     .sink_tokens = 2,
     .biases = true,
     .interleaved = true,
     .scaling = 3,
     .calls = {11, 1, 2, 4}},
    {.features = WITH_TABLES | WITH_SINKS | WITH_STATISTICS,
     .model_dim = 30,
     .heads = 5,
     .rotary_dim = 6,
     .max_queries = 4,
     .max_keys = 50,
     .causal = true,
     .biases = true,
     .scaling = 1,
     .calls = {5, 1, 9, 0}},
    {.features = WITH_COMPUTED,
     .model_dim = 32,
     .heads = 4,
     .kv_heads = 4,
     .rotary_dim = 8,
     .max_queries = 3,
     .window = 9,
     .sinks = 2,
     .causal = true,
     .keys_left = 9,
     .sink_tokens = 2,
     .scaling = 2,
     .calls = {13, 1, 5, 20}},
    {.features = WITH_WEIGHTS | WITH_HEAD_MASK | WITH_EXECUTOR | WITH_ZERO_KEY,
     .model_dim = 20,
     .heads = 4,
     .kv_heads = 1,
     .head_dim = 7,
     .value_dim = 3,
     .max_queries = 6,
     .max_keys = 30,
     .biases = true,
     .calls = {9, 2, 0, 0}},
    {.features = WITH_MASK | WITH_BIAS,
     .model_dim = 18,
     .heads = 2,
     .kv_heads = 2,
     .max_queries = 2,
     .max_keys = 30,
     .causal = true,
     .biases = true,
     .calls = {6, 1, 0, 0}},
    {.features = WITH_TABLES | WITH_EXECUTOR,
     .model_dim = 24,
     .heads = 3,
     .kv_heads = 3,
     .head_dim = 8,
     .value_dim = 7,
     .key_source_dim = 10,
     .value_source_dim = 7,
     .output_dim = 16,
     .rotary_dim = 4,
     .max_queries = 4,
     .max_keys = 20,
     .biases = true,
     .interleaved = true,
     .calls = {3, 4, 2, 4},
     .attends = 7},
    {.features = WITH_COMPUTED,
     .model_dim = 24,
     .heads = 3,
     .kv_heads = 1,
     .head_dim = 8,
     .key_source_dim = 12,
     .value_source_dim = 9,
     .extra_key = true,
     .rotary_dim = 8,
     .max_queries = 4,
     .max_keys = 40,
     .calls = {9, 8, 0, 0},
     .attends = 5},
};

struct rotary_configuration {
    int dim;
    double base;
    int scaling;
    double factor;
    int64_t original_positions;
    double beta_fast, beta_slow, attention_factor;
    int64_t first_position;
    bool interleaved;
};

HASH_CONSTANT struct rotary_configuration rotary_configurations[] = {
    {16, 10000.0, 0, 1.0, 0, 32.0, 1.0, 0.0, 0, false},
    {6, 500000.0, 1, 4.0, 0, 32.0, 1.0, 0.0, 1000, true},
    {16, 777.0, 2, 2.5, 0, 32.0, 1.0, 0.0, -9, true},
    {16, 10000.0, 3, 8.0, 4096, 32.0, 1.0, 0.0, 50, false},
    {16, 10000.0, 3, 8.0, 4096, 100.0, 10.0, 1.25, 50, true},
    {16, 10000.0, 3, 8.0, 300, 32.0, 1.0, 1.0, 50, false},
};

enum {
    ATTEND_CONFIGURATIONS = sizeof attend_configurations / sizeof attend_configurations[0],
    LAYER_CONFIGURATIONS = sizeof layer_configurations / sizeof layer_configurations[0],
    ROTARY_CONFIGURATIONS = sizeof rotary_configurations / sizeof rotary_configurations[0]
};
