// A layer of one head whose projections are the identity: a token that sees only itself comes out
// as it went in.
#include "c/check.h"

enum { DIM = 4, MOST = 12 };
static const hr_shape shape = {
    .model_dim = DIM, .rotary_dim = 2, .max_queries = 3, .max_keys = MOST};
HR_ALIGNED static unsigned char blob[HR_WEIGHTS_BYTES(DIM, 1, 1, DIM, DIM, DIM, DIM, DIM, 0)];
HR_ALIGNED static unsigned char state[HR_STATE_BYTES(1, DIM, DIM, MOST)];
HR_ALIGNED static unsigned char scratch[HR_SCRATCH_BYTES(1, 1, DIM, DIM, 2, 3, 1)];
static float x[MOST * DIM], y[MOST * DIM];

static hr_layer opened(void) {
    static const float identity[DIM * DIM] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
    const hr_floats matrix = {identity, DIM * DIM};
    const hr_tensors tensors = {matrix, matrix, matrix, matrix, {0}, {0}, {0}, {0}, {0}, {0}};
    hr_layer layer = {0};
    for (int i = 0; i < MOST * DIM; ++i) x[i] = (float)(i * 5 % 7) / 4, y[i] = -1;
    memset(state, 0, sizeof state);
    CHECK_OK(hr_pack_weights(&shape, &tensors, hr_bytes(blob, sizeof blob)));
    CHECK_OK(hr_layer_open(&layer, &shape, hr_best_port(), hr_const_bytes(blob, sizeof blob)));
    return layer;
}

static hr_const_rows in(int first, int count) {
    return hr_const_rows_of(x + first * DIM, (size_t)(count * DIM), count, DIM);
}
static hr_rows to(int first, int count) {
    return hr_rows_of(y + first * DIM, (size_t)(count * DIM), count, DIM);
}
static hr_memory cache(void) { return hr_bytes(state, sizeof state); }
static hr_memory room(void) { return hr_bytes(scratch, sizeof scratch); }
static const hr_attention causal = {.causal = true};

void test_hr_layer_open(void) {
    hr_layer layer = opened();
    const hr_port* port = hr_best_port();
    const hr_const_memory weights = hr_const_bytes(blob, sizeof blob);
    hr_shape wrong = shape;
    wrong.max_keys = 0;
    CHECK_REFUSED(hr_layer_open(NULL, &shape, port, weights), HR_NOT_OPEN, 1);
    CHECK_REFUSED(hr_layer_open(&layer, NULL, port, weights), HR_BAD_SHAPE, 2);
    CHECK_REFUSED(hr_layer_open(&layer, &wrong, port, weights), HR_BAD_SHAPE, 2);
    const hr_shape endless = {
        .model_dim = 8, .heads = 4096, .head_dim = 65536, .max_keys = (int64_t)1 << 40};
    CHECK(hr_shape_valid(&endless) && hr_state_bytes(&endless) == 0);
    CHECK_REFUSED(hr_layer_open(&layer, &endless, port, weights), HR_BAD_SHAPE, 2);
    CHECK_REFUSED(hr_layer_open(&layer, &shape, NULL, weights), HR_UNSUPPORTED_PORT, 3);
    CHECK_REFUSED(hr_layer_open(&layer, &shape, port, hr_const_bytes(NULL, sizeof blob)),
                  HR_TOO_SMALL, 4);
    CHECK_REFUSED(hr_layer_open(&layer, &shape, port, hr_const_bytes(blob + 4, sizeof blob)),
                  HR_MISALIGNED, 4);
    blob[sizeof blob - 1] ^= 1;
    CHECK_REFUSED(hr_layer_open(&layer, &shape, port, weights), HR_BAD_CHECKSUM, 4);
    blob[0] ^= 1;
    CHECK_REFUSED(hr_layer_open(&layer, &shape, port, weights), HR_BAD_WEIGHTS, 4);
    CHECK_OK(hr_layer_forward(&layer, in(0, 1), to(0, 1), cache(), room(), NULL, NULL));
}

static void check_refused_calls(const hr_layer* layer) {
    const hr_layer closed = {0};
    const float cap = 0;
    const int64_t one = 1;
    const hr_attention no_size = {.valid_keys = &one}, negative = {.sink_tokens = -1};
    const hr_rotary_computed computed = {{.dim = 4}, 0}, no_pairs = {{.dim = 2}, 2};
    const hr_rotary_tables short_tables = {.dim = 2, .positions = 4}, no_such = {.pairs = -1};
    const hr_features softcap = {.softcap = &cap}, angles = {.rotary_computed = &computed},
                      pairs = {.rotary_computed = &no_pairs},
                      tables = {.rotary_tables = &short_tables},
                      other = {.rotary_tables = &no_such},
                      both = {.rotary_tables = &short_tables, .rotary_computed = &computed};
    const hr_const_rows a = in(0, 2), nothing = hr_const_rows_of(NULL, 8, 2, DIM);
    const hr_rows b = to(0, 2);
#define REFUSED(l, a, b, cache, room, how, features, status, argument) \
    CHECK_REFUSED(hr_layer_forward(l, a, b, cache, room, how, features), status, argument)
    REFUSED(NULL, a, b, cache(), room(), NULL, NULL, HR_NOT_OPEN, 1);
    REFUSED(&closed, a, b, cache(), room(), NULL, NULL, HR_NOT_OPEN, 1);
    REFUSED(layer, nothing, b, cache(), room(), NULL, NULL, HR_TOO_SMALL, 2);
    REFUSED(layer, a, hr_rows_of(NULL, 8, 2, DIM), cache(), room(), NULL, NULL, HR_TOO_SMALL, 3);
    REFUSED(layer, a, b, hr_bytes(NULL, sizeof state), room(), NULL, NULL, HR_TOO_SMALL, 4);
    REFUSED(layer, a, b, hr_bytes(state, sizeof state - 1), room(), NULL, NULL, HR_TOO_SMALL, 4);
    REFUSED(layer, a, b, cache(), hr_bytes(scratch, sizeof scratch - 1), NULL, NULL, HR_TOO_SMALL,
            5);
    REFUSED(layer, a, b, cache(), room(), &no_size, NULL, HR_TOO_SMALL, 6);
    REFUSED(layer, a, b, cache(), room(), &negative, NULL, HR_BAD_VALUE, 6);
    REFUSED(layer, a, b, cache(), room(), NULL, &softcap, HR_BAD_VALUE, HR_SOFTCAP);
    REFUSED(layer, a, b, cache(), room(), NULL, &angles, HR_BAD_SHAPE, HR_ROTARY_COMPUTED);
    REFUSED(layer, a, b, cache(), room(), NULL, &pairs, HR_BAD_VALUE, HR_ROTARY_COMPUTED);
    REFUSED(layer, a, b, cache(), room(), NULL, &tables, HR_TOO_SMALL, HR_ROTARY_TABLES);
    REFUSED(layer, a, b, cache(), room(), NULL, &other, HR_BAD_VALUE, HR_ROTARY_TABLES);
    REFUSED(layer, a, b, cache(), room(), NULL, &both, HR_BAD_VALUE, HR_ROTARY_COMPUTED);
#undef REFUSED
}

void test_hr_layer_forward(void) {
    const hr_layer layer = opened();
    check_refused_calls(&layer);
    for (size_t i = 0; i < sizeof state; ++i) CHECK(state[i] == 0);
    for (int i = 0; i < MOST * DIM; ++i) CHECK(y[i] == -1);

    CHECK_OK(hr_layer_forward(&layer, in(0, 8), to(0, 8), cache(), room(), &causal, NULL));
    CHECK(memcmp(x, y, DIM * sizeof(float)) == 0);
    float prompt[8 * DIM];
    memcpy(prompt, y, sizeof prompt);
    memset(state, 0, 64);
    for (int i = 0; i < 8; ++i)
        CHECK_OK(hr_layer_forward(&layer, in(i, 1), to(i, 1), cache(), room(), &causal, NULL));
    CHECK(memcmp(prompt, y, sizeof prompt) == 0);
    CHECK_REFUSED(hr_layer_forward(&layer, in(0, 5), to(0, 5), cache(), room(), &causal, NULL),
                  HR_CACHE_FULL, 4);
    memset(state, 0xff, 64);
    CHECK_REFUSED(hr_layer_forward(&layer, in(0, 1), to(0, 1), cache(), room(), &causal, NULL),
                  HR_BAD_STATE, 4);
}

void test_hr_layer_append_context(void) {
    const hr_layer layer = opened(), closed = {0};
    const float one = 1;
    const bool keep = true;
    const hr_floats floats = {&one, 1};
    const hr_bools bools = {&keep, 1};
    const hr_float_mask bias = {.data = &one, .count = 1, .keys = 1};
    const hr_bool_mask mask = {.data = &keep, .count = 1, .keys = 1};
    const hr_extra_key extra = {{&one, 1}, {&one, 1}};
    const hr_weights_callback callback = {0, NULL, NULL};
    const hr_statistics statistics = {NULL, 0};
    const hr_features without_effect[] = {{.softcap = &one},        {.alibi_slopes = &floats},
                                          {.score_bias = &bias},    {.bool_mask = &mask},
                                          {.sink_logits = &floats}, {.extra_key = &extra},
                                          {.zero_key = true},       {.kept_heads = &bools},
                                          {.weights = &callback},   {.statistics = &statistics}};
    for (int i = 0; i < 10; ++i)
        CHECK_REFUSED(hr_layer_append_context(&layer, in(0, 2), in(0, 2), cache(), room(),
                                              &without_effect[i]),
                      HR_BAD_VALUE, HR_SOFTCAP + i);
    const hr_rotary_tables no_tables = {.dim = 2, .positions = 4};
    const hr_executor no_run = {1, NULL, NULL};
    const hr_features rotary = {.rotary_tables = &no_tables}, executor = {.executor = &no_run};
    const hr_const_rows a = in(0, 2), nothing = hr_const_rows_of(NULL, 8, 2, DIM);
#define REFUSED(layer, a, b, cache, room, features, status, argument) \
    CHECK_REFUSED(hr_layer_append_context(layer, a, b, cache, room, features), status, argument)
    REFUSED(NULL, a, a, cache(), room(), NULL, HR_NOT_OPEN, 1);
    REFUSED(&closed, a, a, cache(), room(), NULL, HR_NOT_OPEN, 1);
    REFUSED(&layer, nothing, a, cache(), room(), NULL, HR_TOO_SMALL, 2);
    REFUSED(&layer, a, nothing, cache(), room(), NULL, HR_TOO_SMALL, 3);
    REFUSED(&layer, a, a, hr_bytes(NULL, 64), room(), NULL, HR_TOO_SMALL, 4);
    REFUSED(&layer, a, a, cache(), hr_bytes(NULL, 64), NULL, HR_TOO_SMALL, 5);
    REFUSED(&layer, a, a, cache(), room(), &rotary, HR_TOO_SMALL, HR_ROTARY_TABLES);
    REFUSED(&layer, a, a, cache(), room(), &executor, HR_BAD_VALUE, HR_EXECUTOR);
#undef REFUSED
    for (size_t i = 0; i < sizeof state; ++i) CHECK(state[i] == 0);
    CHECK_OK(hr_layer_append_context(&layer, in(0, 7), in(0, 7), cache(), room(), NULL));
    hr_cache handle;
    CHECK_OK(hr_layer_cache(&layer, cache(), &handle));
    CHECK(hr_cache_size(&handle) == 7);
}

void test_hr_layer_attend_context(void) {
    const hr_layer layer = opened(), closed = {0};
    const hr_const_memory kept = hr_const_bytes(state, sizeof state);
    const hr_attention second = {.causal = true, .first_position = 1, .keys_left = 1};
    CHECK_OK(hr_layer_append_context(&layer, in(0, 3), in(0, 3), cache(), room(), NULL));
    CHECK_OK(hr_layer_attend_context(&layer, in(5, 1), to(0, 1), kept, room(), &second, NULL));
    CHECK(memcmp(y, x + DIM, DIM * sizeof(float)) == 0);  // sees token 1 alone

    const int64_t one = 1;
    const hr_attention no_size = {.first_positions = &one};
    const float cap = 0;
    const hr_features softcap = {.softcap = &cap};
    const hr_const_rows a = in(0, 2), nothing = hr_const_rows_of(NULL, 8, 2, DIM);
    const hr_rows b = to(0, 2), nowhere = hr_rows_of(NULL, 8, 2, DIM);
    float before[2 * DIM];
    memcpy(before, y, sizeof before);
#define REFUSED(layer, a, b, state, room, how, features, status, argument)                  \
    CHECK_REFUSED(hr_layer_attend_context(layer, a, b, state, room, how, features), status, \
                  argument)
    REFUSED(NULL, a, b, kept, room(), NULL, NULL, HR_NOT_OPEN, 1);
    REFUSED(&closed, a, b, kept, room(), NULL, NULL, HR_NOT_OPEN, 1);
    REFUSED(&layer, nothing, b, kept, room(), NULL, NULL, HR_TOO_SMALL, 2);
    REFUSED(&layer, a, nowhere, kept, room(), NULL, NULL, HR_TOO_SMALL, 3);
    REFUSED(&layer, a, b, hr_const_bytes(NULL, 64), room(), NULL, NULL, HR_TOO_SMALL, 4);
    REFUSED(&layer, a, b, kept, hr_bytes(NULL, 64), NULL, NULL, HR_TOO_SMALL, 5);
    REFUSED(&layer, a, b, kept, room(), &no_size, NULL, HR_TOO_SMALL, 6);
    REFUSED(&layer, a, b, kept, room(), NULL, &softcap, HR_BAD_VALUE, HR_SOFTCAP);
#undef REFUSED
    CHECK(memcmp(before, y, sizeof before) == 0);
}

void test_hr_layer_cache(void) {
    const hr_layer layer = opened(), closed = {0};
    hr_cache handle = {0};
    CHECK_OK(hr_layer_forward(&layer, in(0, 5), to(0, 5), cache(), room(), NULL, NULL));
    CHECK_OK(hr_layer_cache(&layer, cache(), &handle));
    CHECK(hr_cache_size(&handle) == 5 && hr_cache_capacity(&handle) == MOST);
    CHECK_REFUSED(hr_layer_cache(NULL, cache(), &handle), HR_NOT_OPEN, 1);
    CHECK_REFUSED(hr_layer_cache(&closed, cache(), &handle), HR_NOT_OPEN, 1);
    CHECK_REFUSED(hr_layer_cache(&layer, cache(), NULL), HR_NOT_OPEN, 3);
    CHECK_REFUSED(hr_layer_cache(&layer, hr_bytes(NULL, sizeof state), &handle), HR_TOO_SMALL, 2);
    CHECK_REFUSED(hr_layer_cache(&layer, hr_bytes(state + 4, sizeof state), &handle), HR_MISALIGNED,
                  2);
    CHECK(hr_cache_size(&handle) == 5);
    memset(state, 0xff, 64);
    CHECK_REFUSED(hr_layer_cache(&layer, cache(), &handle), HR_BAD_STATE, 2);
}
