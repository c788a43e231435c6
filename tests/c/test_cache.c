// The life cycle of a cache.
#include "c/check.h"

static const hr_cache_shape shape = {.kv_heads = 2, .key_width = 4, .max_keys = 20};
static const hr_cache_shape ring_shape = {
    .kv_heads = 2, .key_width = 4, .window = 5, .sinks = 2, .max_queries = 3};
HR_ALIGNED static unsigned char states[2][HR_STATE_BYTES(2, 4, 4, 20)];
HR_ALIGNED static unsigned char ring_state[HR_RING_STATE_BYTES(2, 4, 4, 3, 5, 2)];
static float tokens[64 * 8];

static hr_cache opened(int which) {
    hr_cache cache = {0};
    memset(states[which], 0, sizeof states[which]);
    CHECK_OK(hr_cache_open(&cache, &shape, hr_bytes(states[which], sizeof states[which])));
    return cache;
}

static hr_cache opened_ring(void) {
    hr_cache cache = {0};
    memset(ring_state, 0, sizeof ring_state);
    CHECK_OK(hr_cache_open(&cache, &ring_shape, hr_bytes(ring_state, sizeof ring_state)));
    return cache;
}

static hr_const_tensor some(int count) {
    for (int i = 0; i < 64 * 8; ++i) tokens[i] = (float)(i % 13);
    return hr_const_token_major(tokens, 64 * 8, 1, count, 2, 4);
}

void test_hr_cache_open(void) {
    hr_cache cache = {0};
    const hr_memory state = hr_bytes(states[0], sizeof states[0]);
    memset(states[0], 0, sizeof states[0]);
    CHECK_OK(hr_cache_open(&cache, &shape, state));
    CHECK_OK(hr_cache_append(&cache, some(7), some(7)));
    hr_cache again = {0};  // all that is remembered lies in the state
    CHECK_OK(hr_cache_open(&again, &shape, state));
    CHECK(hr_cache_size(&again) == 7);

    hr_cache_shape wrong = shape;
    wrong.key_width = 0;
    CHECK_REFUSED(hr_cache_open(NULL, &shape, state), HR_NOT_OPEN, 1);
    CHECK_REFUSED(hr_cache_open(&cache, NULL, state), HR_BAD_SHAPE, 2);
    CHECK_REFUSED(hr_cache_open(&cache, &wrong, state), HR_BAD_SHAPE, 2);
    CHECK_REFUSED(hr_cache_open(&cache, &shape, hr_bytes(states[0], sizeof states[0] - 1)),
                  HR_TOO_SMALL, 3);
    CHECK_REFUSED(hr_cache_open(&cache, &shape, hr_bytes(NULL, sizeof states[0])), HR_TOO_SMALL, 3);
    CHECK_REFUSED(hr_cache_open(&cache, &shape, hr_bytes(states[0] + 4, sizeof states)),
                  HR_MISALIGNED, 3);
    CHECK(hr_cache_size(&cache) == 7);  // as it was
    memset(states[0], 0xff, 64);
    CHECK_REFUSED(hr_cache_open(&cache, &shape, state), HR_BAD_STATE, 3);
}

void test_hr_cache_size(void) {
    const hr_cache closed = {0};
    CHECK(hr_cache_size(NULL) == 0 && hr_cache_size(&closed) == 0);
    hr_cache cache = opened(0);
    CHECK(hr_cache_size(&cache) == 0);
    CHECK_OK(hr_cache_append(&cache, some(3), some(3)));
    CHECK(hr_cache_size(&cache) == 3);
    memset(states[0], 0xff, 64);
    CHECK(hr_cache_size(&cache) == 0);
}

void test_hr_cache_capacity(void) {
    const hr_cache closed = {0};
    CHECK(hr_cache_capacity(NULL) == 0 && hr_cache_capacity(&closed) == 0);
    const hr_cache cache = opened(0), ring = opened_ring();
    CHECK(hr_cache_capacity(&cache) == 20);
    CHECK(hr_cache_capacity(&ring) == (int64_t)1 << 62);
}

void test_hr_cache_clear(void) {
    hr_cache closed = {0};
    hr_cache_clear(NULL);
    hr_cache_clear(&closed);
    hr_cache cache = opened(0);
    CHECK_OK(hr_cache_append(&cache, some(3), some(3)));
    hr_cache_clear(&cache);
    CHECK(hr_cache_size(&cache) == 0);
    memset(states[0], 0xff, 64);
    hr_cache_clear(&cache);  // mends the header
    CHECK_OK(hr_cache_append(&cache, some(3), some(3)));
}

void test_hr_cache_truncate(void) {
    hr_cache closed = {0};
    CHECK_REFUSED(hr_cache_truncate(NULL, 0), HR_NOT_OPEN, 1);
    CHECK_REFUSED(hr_cache_truncate(&closed, 0), HR_NOT_OPEN, 1);
    hr_cache cache = opened(0);
    CHECK_OK(hr_cache_append(&cache, some(9), some(9)));
    CHECK_REFUSED(hr_cache_truncate(&cache, 10), HR_BAD_VALUE, 2);
    CHECK_REFUSED(hr_cache_truncate(&cache, -1), HR_BAD_VALUE, 2);
    CHECK_OK(hr_cache_truncate(&cache, 4));
    CHECK(hr_cache_size(&cache) == 4);
    memset(states[0], 0xff, 64);
    CHECK_REFUSED(hr_cache_truncate(&cache, 0), HR_BAD_STATE, 1);

    hr_cache ring = opened_ring();
    for (int i = 0; i < 40; ++i) CHECK_OK(hr_cache_append(&ring, some(3), some(3)));
    CHECK_OK(hr_cache_truncate(&ring, 119));
    CHECK_REFUSED(hr_cache_truncate(&ring, 60), HR_BAD_VALUE, 2);  // overwritten
}

void test_hr_cache_append(void) {
    hr_cache closed = {0}, cache = opened(0), ring = opened_ring();
    CHECK_REFUSED(hr_cache_append(NULL, some(1), some(1)), HR_NOT_OPEN, 1);
    CHECK_REFUSED(hr_cache_append(&closed, some(1), some(1)), HR_NOT_OPEN, 1);
    hr_const_tensor short_of = some(3);
    short_of.count = 23;
    CHECK_REFUSED(hr_cache_append(&cache, short_of, some(3)), HR_TOO_SMALL, 2);
    CHECK_REFUSED(hr_cache_append(&cache, some(3), short_of), HR_TOO_SMALL, 3);
    short_of.data = NULL, short_of.count = 24;
    CHECK_REFUSED(hr_cache_append(&cache, some(3), short_of), HR_TOO_SMALL, 3);
    CHECK_REFUSED(hr_cache_append(&cache, some(3), some(2)), HR_BAD_SHAPE, 3);
    CHECK_REFUSED(hr_cache_append(&cache, some(21), some(21)), HR_CACHE_FULL, 2);
    hr_const_tensor state = some(1);
    state.data = (const float*)(const void*)states[0];
    CHECK_REFUSED(hr_cache_append(&cache, some(1), state), HR_OVERLAP, 3);
    CHECK(hr_cache_size(&cache) == 0);
    CHECK_OK(hr_cache_append(&cache, some(20), some(20)));
    CHECK_REFUSED(hr_cache_append(&ring, some(4), some(4)), HR_BAD_SHAPE, 2);
    CHECK_OK(hr_cache_append(&ring, some(3), some(3)));
    memset(states[0], 0xff, 64);
    CHECK_REFUSED(hr_cache_append(&cache, some(1), some(1)), HR_BAD_STATE, 1);
}

void test_hr_cache_copy(void) {
    hr_cache closed = {0}, a = opened(0), b = opened(1), ring = opened_ring();
    CHECK_OK(hr_cache_append(&a, some(18), some(18)));
    CHECK_REFUSED(hr_cache_copy(NULL, &a), HR_NOT_OPEN, 1);
    CHECK_REFUSED(hr_cache_copy(&b, NULL), HR_NOT_OPEN, 2);
    CHECK_REFUSED(hr_cache_copy(&closed, &a), HR_NOT_OPEN, 1);
    CHECK_REFUSED(hr_cache_copy(&b, &closed), HR_NOT_OPEN, 2);
    CHECK_REFUSED(hr_cache_copy(&b, &ring), HR_BAD_SHAPE, 2);
    CHECK(hr_cache_size(&b) == 0);
    CHECK_OK(hr_cache_copy(&b, &a));
    CHECK(hr_cache_size(&b) == 18 && memcmp(states[0], states[1], sizeof states[0]) == 0);
    memset(states[0], 0xff, 64);
    CHECK_REFUSED(hr_cache_copy(&b, &a), HR_BAD_STATE, 2);
    CHECK_REFUSED(hr_cache_copy(&a, &b), HR_BAD_STATE, 1);
}
