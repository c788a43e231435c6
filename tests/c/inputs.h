// Inputs made of integers alone, and the hash of outputs: for hash.c and hash.cpp.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { WORKERS = 3, POSITIONS = 64 };

struct inputs {
    float query[4096], key[16384], value[16384], bias[16384], tokens[2048], context[2048];
    float slopes[8], sinks[8], extra_key[64], extra_value[64], matrices[4][4096], biases[4][64];
    bool mask[16384], keep[8];
    int64_t valid_keys[2], first_positions[2], positions[20];
};

/// Multiples of 2^-10 in (-2, 2).
static inline void fill_floats(uint32_t* state, float* to, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        *state = *state * 1664525u + 1013904223u;
        to[i] = (float)((int)(*state >> 20) - 2048) / 1024.0f;
    }
}

/// Three of four are true.
static inline void fill_bools(uint32_t* state, bool* to, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        *state = *state * 1664525u + 1013904223u;
        to[i] = (*state >> 30) != 0;
    }
}

static inline void fill_inputs(struct inputs* in, uint32_t seed) {
    uint32_t state = seed;
    fill_floats(&state, in->query, sizeof in->query / sizeof(float));
    fill_floats(&state, in->key, sizeof in->key / sizeof(float));
    fill_floats(&state, in->value, sizeof in->value / sizeof(float));
    fill_floats(&state, in->bias, sizeof in->bias / sizeof(float));
    fill_floats(&state, in->tokens, sizeof in->tokens / sizeof(float));
    fill_floats(&state, in->context, sizeof in->context / sizeof(float));
    fill_floats(&state, in->slopes, 8);
    fill_floats(&state, in->sinks, 8);
    fill_floats(&state, in->extra_key, 64);
    fill_floats(&state, in->extra_value, 64);
    for (int i = 0; i < 4; ++i) {
        fill_floats(&state, in->matrices[i], sizeof in->matrices[i] / sizeof(float));
        fill_floats(&state, in->biases[i], sizeof in->biases[i] / sizeof(float));
    }
    fill_bools(&state, in->mask, sizeof in->mask / sizeof(bool));
    fill_bools(&state, in->keep, 8);
    in->keep[0] = true;
    for (int i = 0; i < 20; ++i) in->positions[i] = i * 37 % POSITIONS;
    in->valid_keys[0] = 17;
    in->valid_keys[1] = 20;
    in->first_positions[0] = 12;
    in->first_positions[1] = 15;
}

static inline float not_a_number(void) {
    const uint32_t bits = 0x7fc00001u;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/// FNV-1a of 64 bits at a time.
static inline void add_number(uint64_t* hash, uint64_t number) {
    *hash = (*hash ^ number) * 0x100000001b3u;
}

/// Every NaN is the same one: sign and payload are outside the contract.
static inline void add_floats(uint64_t* hash, const float* values, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        add_number(hash, (bits & 0x7fffffffu) > 0x7f800000u ? 0x7fc00000u : bits);
    }
}

/// An executor's run: the last task first, on changing workers.
static inline void run_backwards(void* context, int tasks,
                                 void (*task)(void* argument, int index, int worker),
                                 void* argument) {
    const int workers = *(const int*)context;
    for (int i = tasks - 1; i >= 0; --i) task(argument, i, i % workers);
}
