// hr_attend() and hr_attend_cached(): all scores are 0 and the value of key j is 2^j, so a result
// tells which keys were seen.
#include "c/check.h"

HR_ALIGNED static unsigned char scratch[HR_ATTEND_SCRATCH_BYTES(1, 1, 1, 1, 1)];
HR_ALIGNED static unsigned char state[HR_STATE_BYTES(1, 1, 1, 8)];
static const float query[1] = {0}, keys[8] = {0}, values[8] = {1, 2, 4, 8, 16, 32, 64, 128};
static float out[1];

static hr_const_tensor view(const float* data, int tokens) {
    return hr_const_token_major(data, (size_t)tokens, 1, tokens, 1, 1);
}

static hr_result attend(const hr_attention* how) {
    out[0] = -1;
    return hr_attend(hr_best_port(), view(query, 1), view(keys, 8), view(values, 8),
                     hr_token_major(out, 1, 1, 1, 1, 1), hr_bytes(scratch, sizeof scratch), how,
                     NULL);
}

static void check_seen(hr_attention how, float expected) {
    CHECK_OK(attend(&how));
    CHECK(out[0] == expected);
}

static void check_options(void) {
    const hr_features none = {0};
    const int64_t four = 4, one = 1;
    CHECK_OK(attend(NULL));
    CHECK(out[0] == 255.0f / 8);
    out[0] = -1;
    CHECK_OK(hr_attend(hr_best_port(), view(query, 1), view(keys, 8), view(values, 8),
                       hr_token_major(out, 1, 1, 1, 1, 1), hr_bytes(scratch, sizeof scratch), NULL,
                       &none));
    CHECK(out[0] == 255.0f / 8);
    check_seen((hr_attention){.causal = true, .first_position = 3}, 15.0f / 4);
    check_seen((hr_attention){.causal = true, .first_position = -1}, 0);
    check_seen((hr_attention){.causal = true, .first_position = 5, .keys_left = 2}, 48.0f / 2);
    check_seen((hr_attention){.first_position = 5, .keys_left = 1, .keys_right = 2}, 96.0f / 2);
    check_seen((hr_attention){.first_position = 5, .keys_left = 1, .keys_right = 1}, 32);
    check_seen(
        (hr_attention){.first_position = 5, .keys_left = 1, .keys_right = 1, .sink_tokens = 1},
        33.0f / 2);
    check_seen((hr_attention){.valid_keys = &four, .batches = 1}, 15.0f / 4);
    check_seen((hr_attention){.causal = true, .first_positions = &one, .batches = 1}, 3.0f / 2);
}

static void check_refused_options(void) {
    const int64_t nine = 9;
    const hr_attention wrong[] = {{.keys_left = -1},
                                  {.keys_right = -1},
                                  {.keys_left = INT64_MIN},
                                  {.sink_tokens = -1},
                                  {.first_position = INT64_MAX},
                                  {.valid_keys = &nine, .batches = 1}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i) {
        CHECK_REFUSED(attend(&wrong[i]), HR_BAD_VALUE, 7);
        CHECK(out[0] == -1);
    }
    const hr_attention no_size = {.valid_keys = &nine}, no_size_either = {.first_positions = &nine},
                       too_many = {.valid_keys = &nine, .batches = 2};
    CHECK_REFUSED(attend(&no_size), HR_TOO_SMALL, 7);
    CHECK_REFUSED(attend(&no_size_either), HR_TOO_SMALL, 7);
    CHECK_REFUSED(attend(&too_many), HR_BAD_SHAPE, 7);
}

void test_hr_attend(void) {
    const hr_port* port = hr_best_port();
    const hr_const_tensor q = view(query, 1), k = view(keys, 8), v = view(values, 8),
                          nothing = view(NULL, 8);
    const hr_tensor to = hr_token_major(out, 1, 1, 1, 1, 1);
    const hr_memory room = hr_bytes(scratch, sizeof scratch);
    check_options();
    check_refused_options();
    out[0] = -1;
    CHECK_REFUSED(hr_attend(NULL, q, k, v, to, room, NULL, NULL), HR_UNSUPPORTED_PORT, 1);
    CHECK_REFUSED(hr_attend(port, view(NULL, 1), k, v, to, room, NULL, NULL), HR_TOO_SMALL, 2);
    CHECK_REFUSED(hr_attend(port, q, nothing, v, to, room, NULL, NULL), HR_TOO_SMALL, 3);
    CHECK_REFUSED(hr_attend(port, q, k, nothing, to, room, NULL, NULL), HR_TOO_SMALL, 4);
    CHECK_REFUSED(hr_attend(port, q, k, v, hr_token_major(NULL, 1, 1, 1, 1, 1), room, NULL, NULL),
                  HR_TOO_SMALL, 5);
    CHECK_REFUSED(hr_attend(port, q, k, view(values, 7), to, room, NULL, NULL), HR_BAD_SHAPE, 4);
    CHECK_REFUSED(hr_attend(port, q, k, v, to, hr_bytes(NULL, sizeof scratch), NULL, NULL),
                  HR_TOO_SMALL, 6);
    CHECK_REFUSED(hr_attend(port, q, k, v, to, hr_bytes(scratch, sizeof scratch - 1), NULL, NULL),
                  HR_TOO_SMALL, 6);
    CHECK_REFUSED(hr_attend(port, q, k, v, to, hr_bytes(scratch + 4, sizeof scratch), NULL, NULL),
                  HR_MISALIGNED, 6);
    const hr_const_tensor inside = view((const float*)(const void*)scratch, 8);
    CHECK_REFUSED(hr_attend(port, q, inside, v, to, room, NULL, NULL), HR_OVERLAP, 6);
    CHECK(out[0] == -1);
}

void test_hr_attend_cached(void) {
    const hr_port* port = hr_best_port();
    const hr_cache_shape shape = {.key_width = 1, .max_keys = 8};
    const hr_const_tensor q = view(query, 1);
    const hr_tensor to = hr_token_major(out, 1, 1, 1, 1, 1);
    const hr_memory room = hr_bytes(scratch, sizeof scratch);
    const hr_attention causal = {.causal = true, .first_position = 1};
    const int64_t one = 1;
    const hr_attention no_size = {.valid_keys = &one};
    hr_cache closed = {0}, cache;
    memset(state, 0, sizeof state);
    CHECK_OK(hr_cache_open(&cache, &shape, hr_bytes(state, sizeof state)));
    CHECK_OK(hr_cache_append(&cache, view(keys, 4), view(values, 4)));
    CHECK_OK(hr_attend_cached(port, q, &cache, to, room, NULL, NULL));
    CHECK(out[0] == 15.0f / 4);
    CHECK_OK(hr_attend_cached(port, q, &cache, to, room, &causal, NULL));
    CHECK(out[0] == 3.0f / 2);

    const hr_rotary_tables tables = {0};
    const hr_floats slopes = {NULL, 1};
    const hr_features rotary = {.rotary_tables = &tables}, alibi = {.alibi_slopes = &slopes};
    out[0] = -1;
    CHECK_REFUSED(hr_attend_cached(NULL, q, &cache, to, room, NULL, NULL), HR_UNSUPPORTED_PORT, 1);
    CHECK_REFUSED(hr_attend_cached(port, view(NULL, 1), &cache, to, room, NULL, NULL), HR_TOO_SMALL,
                  2);
    CHECK_REFUSED(hr_attend_cached(port, q, NULL, to, room, NULL, NULL), HR_NOT_OPEN, 3);
    CHECK_REFUSED(hr_attend_cached(port, q, &closed, to, room, NULL, NULL), HR_NOT_OPEN, 3);
    CHECK_REFUSED(
        hr_attend_cached(port, q, &cache, hr_token_major(NULL, 1, 1, 1, 1, 1), room, NULL, NULL),
        HR_TOO_SMALL, 4);
    CHECK_REFUSED(hr_attend_cached(port, q, &cache, to, hr_bytes(NULL, 1), NULL, NULL),
                  HR_TOO_SMALL, 5);
    CHECK_REFUSED(hr_attend_cached(port, q, &cache, to, room, &no_size, NULL), HR_TOO_SMALL, 6);
    CHECK_REFUSED(hr_attend_cached(port, q, &cache, to, room, NULL, &rotary), HR_BAD_VALUE,
                  HR_ROTARY_TABLES);
    CHECK_REFUSED(hr_attend_cached(port, q, &cache, to, room, NULL, &alibi), HR_TOO_SMALL,
                  HR_ALIBI_SLOPES);
    memset(state, 0xff, 64);
    CHECK_REFUSED(hr_attend_cached(port, q, &cache, to, room, NULL, NULL), HR_BAD_STATE, 3);
    CHECK(out[0] == -1);
}
