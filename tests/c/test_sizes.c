// The sizes as macros and as functions: equal, as static arrays and for many random shapes.
#include "c/check.h"

// Integer constant expressions, or this does not compile.
HR_ALIGNED static unsigned char state[HR_STATE_BYTES(2, 6, 5, 40)];
HR_ALIGNED static unsigned char ring[HR_RING_STATE_BYTES(2, 6, 5, 3, 9, 2)];
HR_ALIGNED static unsigned char scratch[HR_SCRATCH_BYTES(4, 2, 6, 5, 4, 3, 2)];
HR_ALIGNED static unsigned char weights[HR_WEIGHTS_BYTES(24, 4, 2, 6, 5, 24, 24, 20, 1)];
HR_ALIGNED static unsigned char tile[HR_ATTEND_SCRATCH_BYTES(7, 6, 2, 9, 3)];
enum { CONSTANT = HR_STATE_BYTES(1, 1, 1, 1) };

static const hr_shape shape = {.model_dim = 24,
                               .heads = 4,
                               .kv_heads = 2,
                               .head_dim = 6,
                               .value_dim = 5,
                               .output_dim = 20,
                               .extra_key = true,
                               .rotary_dim = 4,
                               .max_queries = 3,
                               .max_keys = 40};

static uint32_t random_state = 1;
static int between(int low, int high) {
    random_state = random_state * 1664525u + 1013904223u;
    return low + (int)((random_state >> 8) % ((uint32_t)(high - low) + 1));
}

// Mostly what a layer may have; sometimes something that it may not.
static int number(int high, int limit) {
    const int odd = between(0, 60);
    return odd == 0 ? between(-1, 0) : odd == 1 ? limit : odd == 2 ? limit + 1 : between(1, high);
}

static hr_shape random_shape(void) {
    hr_shape s = {0};
    s.model_dim = number(300, 65536);
    s.kv_heads = number(6, 4096);
    s.heads = between(0, 20) == 0 ? number(9, 4096) : s.kv_heads * between(1, 8);
    s.head_dim = number(80, 65536);
    s.value_dim = number(80, 65536);
    s.key_source_dim = number(90, 65536);
    s.value_source_dim = number(90, 65536);
    s.output_dim = number(90, 65536);
    s.extra_key = between(0, 1) == 1;
    s.rotary_dim = between(0, 2) == 0 ? between(-1, 90) : s.head_dim / 2 * 2 * between(0, 1);
    s.max_queries = number(100, 65536);
    s.max_keys = between(0, 30) == 0 ? (int64_t)1 << 40 : number(3000, 1 << 30);
    if (between(0, 1) == 1) s.window = number(500, 1 << 30);
    s.sinks = between(-1, 60);
    return s;
}

// Whether a 0 stands for a default, which the macros do not know.
static bool has_defaults(const hr_shape* s) {
    return s->model_dim == 0 || s->heads == 0 || s->kv_heads == 0 || s->head_dim == 0 ||
           s->value_dim == 0 || s->key_source_dim == 0 || s->value_source_dim == 0 ||
           s->output_dim == 0 || s->max_queries == 0;
}

void test_hr_shape_valid(void) {
    const hr_shape defaults = {.model_dim = 8, .max_keys = 1};
    CHECK(hr_shape_valid(&shape) && hr_shape_valid(&defaults));
    CHECK(!hr_shape_valid(NULL));
    hr_shape wrong = shape;
    wrong.kv_heads = 3;
    CHECK(!hr_shape_valid(&wrong));
    wrong = shape;
    wrong.max_keys = 0;
    CHECK(!hr_shape_valid(&wrong));
    wrong.window = 1;
    CHECK(hr_shape_valid(&wrong));
    wrong.sinks = -1;
    CHECK(!hr_shape_valid(&wrong));
}

void test_hr_state_bytes(void) {
    CHECK(hr_state_bytes(NULL) == 0 && CONSTANT > 0);
    CHECK(hr_state_bytes(&shape) == sizeof state);
    hr_shape other = shape;
    other.window = 9;
    other.sinks = 2;
    CHECK(hr_state_bytes(&other) == sizeof ring);
    CHECK((uintptr_t)state % 64 == 0 && (uintptr_t)ring % 64 == 0);
    int valid = 0, zero = 0;
    for (int i = 0; i < 20000; ++i) {
        const hr_shape s = random_shape();
        if (!hr_shape_valid(&s) || has_defaults(&s)) continue;
        const size_t bytes = s.window > 0
                                 ? HR_RING_STATE_BYTES(s.kv_heads, s.head_dim, s.value_dim,
                                                       s.max_queries, s.window, s.sinks)
                                 : HR_STATE_BYTES(s.kv_heads, s.head_dim, s.value_dim, s.max_keys);
        CHECK(bytes == hr_state_bytes(&s));
        ++valid;
        zero += bytes == 0;
    }
    CHECK(valid > 5000 && zero < valid / 2);
}

void test_hr_scratch_bytes(void) {
    CHECK(hr_scratch_bytes(NULL, 1) == 0);
    CHECK(hr_scratch_bytes(&shape, 2) == sizeof scratch && (uintptr_t)scratch % 64 == 0);
    CHECK(hr_scratch_bytes(&shape, 0) == 0 && HR_SCRATCH_BYTES(4, 2, 6, 5, 4, 3, 0) == 0);
    CHECK(HR_SCRATCH_BYTES(4, 2, 6, 5, 8, 3, 1) == 0);  // rotary_dim beyond head_dim
    CHECK(HR_SCRATCH_BYTES(4, 0, 6, 5, 0, 3, 1) == 0);  // nothing is divided by 0
    int more = 0;
    for (int i = 0; i < 20000; ++i) {
        hr_shape s = random_shape();
        if (has_defaults(&s)) continue;
        // What the macro is not told is made valid.
        s.model_dim = s.key_source_dim = s.value_source_dim = s.output_dim = 8;
        s.max_keys = 8, s.window = 0;
        const int workers = between(0, 40) == 0 ? INT32_MAX : between(-1, 8);
        const size_t bytes = HR_SCRATCH_BYTES(s.heads, s.kv_heads, s.head_dim, s.value_dim,
                                              s.rotary_dim, s.max_queries, workers);
        CHECK(bytes == hr_scratch_bytes(&s, workers));
        more += bytes > 0;
    }
    CHECK(more > 5000);
}

void test_hr_weights_bytes(void) {
    CHECK(hr_weights_bytes(NULL) == 0);
    CHECK(hr_weights_bytes(&shape) == sizeof weights && (uintptr_t)weights % 64 == 0);
    int more = 0;
    for (int i = 0; i < 20000; ++i) {
        hr_shape s = random_shape();
        if (has_defaults(&s)) continue;
        s.rotary_dim = 0, s.max_queries = 1, s.max_keys = 8, s.window = 0;
        const size_t bytes =
            HR_WEIGHTS_BYTES(s.model_dim, s.heads, s.kv_heads, s.head_dim, s.value_dim,
                             s.key_source_dim, s.value_source_dim, s.output_dim, s.extra_key);
        CHECK(bytes == hr_weights_bytes(&s));
        more += bytes > 0;
    }
    CHECK(more > 5000);
}

void test_hr_cache_bytes(void) {
    const hr_cache_shape plain = {2, 6, 5, 40, 0, 0, 0}, default_value = {2, 6, 0, 40, 0, 0, 0};
    CHECK(hr_cache_bytes(NULL) == 0);
    CHECK(hr_cache_bytes(&plain) == sizeof state);
    CHECK(hr_cache_bytes(&default_value) == HR_STATE_BYTES(2, 6, 6, 40));
    int fits = 0, overflows = 0;  // where a pointer has 32 bits, far more overflow
    for (int i = 0; i < 50000; ++i) {
        // Every number of bits: sizes beyond what memory can have as often as others.
        hr_cache_shape s = {between(1, INT32_MAX) >> between(0, 30),
                            between(1, INT32_MAX) >> between(0, 30),
                            between(1, INT32_MAX) >> between(0, 30),
                            0,
                            0,
                            0,
                            1};
        const int64_t tokens = ((int64_t)between(0, INT32_MAX) << 12) >> between(0, 40);
        const bool is_ring = between(0, 1) == 1;
        if (is_ring) {
            s.window = tokens > 0 ? tokens : 1;
            s.sinks = ((int64_t)between(0, INT32_MAX) << 12) >> between(0, 40);
            s.max_queries = 1 + (((int64_t)between(0, INT32_MAX) << 12) >> between(0, 40));
        } else {
            s.max_keys = tokens;
        }
        if (s.kv_heads == 0 || s.key_width == 0 || s.value_width == 0) continue;
        CHECK(hr_cache_bytes(&s) ==
              (is_ring ? HR_RING_STATE_BYTES(s.kv_heads, s.key_width, s.value_width, s.max_queries,
                                             s.window, s.sinks)
                       : HR_STATE_BYTES(s.kv_heads, s.key_width, s.value_width, s.max_keys)));
        ++*(hr_cache_bytes(&s) > 0 ? &fits : &overflows);
    }
    CHECK(fits > 1000 && overflows > 2000);
}

void test_hr_attend_scratch_bytes(void) {
    CHECK(hr_attend_scratch_bytes(7, 6, 2, 9, 3) == sizeof tile && (uintptr_t)tile % 64 == 0);
    CHECK(HR_ATTEND_SCRATCH_BYTES(1, 1, 1, PTRDIFF_MAX, 1) == 0);
    CHECK(HR_ATTEND_SCRATCH_BYTES(1, 3, 2, 8, 1) == 0);
    // So many heads that with the queries they are 2^64.
    CHECK(HR_ATTEND_SCRATCH_BYTES(8, PTRDIFF_MAX / 4 + 1, 1, 8, 1) ==
          hr_attend_scratch_bytes(8, PTRDIFF_MAX / 4 + 1, 1, 8, 1));
    for (int i = 0; i < 50000; ++i) {
        const ptrdiff_t queries = between(-1, 100), kv_heads = between(-1, 6),
                        heads = between(0, 9) == 0 ? between(-1, 9) : kv_heads * between(1, 60),
                        width =
                            (ptrdiff_t)((uint64_t)between(1, INT32_MAX) << 32 >> between(1, 63));
        const int workers = between(0, INT32_MAX) >> between(0, 30);
        CHECK(hr_attend_scratch_bytes(queries, heads, kv_heads, width, workers) ==
              HR_ATTEND_SCRATCH_BYTES(queries, heads, kv_heads, width, workers));
    }
}
