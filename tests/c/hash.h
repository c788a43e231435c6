// What hash_attend.c and hash_layer.c add to a hash.
#pragma once

#include <headroom/headroom.h>

#include "c/configurations.h"
#include "c/inputs.h"

/// What features point to during a call; the callback and the statistics go to the hash.
struct feature_memory {
    float softcap;
    hr_floats slopes, sinks;
    hr_float_mask bias;
    hr_bool_mask mask;
    hr_extra_key extra_key;
    hr_bools kept_heads;
    hr_weights_callback weights;
    hr_head_statistics heads[16];
    hr_statistics statistics;
    hr_executor executor;
    hr_rotary_tables tables;
    hr_rotary_computed computed;
    float cos[POSITIONS * 8], sin[POSITIONS * 8];
    int workers;
};

/// The sizes that features depend on.
struct feature_sizes {
    int batches, queries, keys, heads, kv_heads, key_width, value_width;
};

hr_features bind_features(int which, struct feature_sizes sizes, int stage, const struct inputs* in,
                          struct feature_memory* memory, uint64_t* hash);
void add_statistics(uint64_t* hash, const hr_statistics* statistics);
void hash_attend(const hr_port* port, const struct attend_configuration* c, struct inputs* in,
                 uint64_t* hash);
void hash_layer(const hr_port* port, const struct layer_configuration* c, struct inputs* in,
                uint64_t* hash);
void hash_rotary(const hr_port* port, const struct rotary_configuration* c, struct inputs* in,
                 uint64_t* hash);

/// Ends the program if a call was refused.
void must(hr_result result, const char* what);
