// Each feature of hr_attend(): what it does to two heads of one query and four keys, and how it is
// refused.
#include "c/check.h"

enum { HEADS = 2, KEYS = 4 };
HR_ALIGNED static unsigned char scratch[HR_ATTEND_SCRATCH_BYTES(1, HEADS, HEADS, 1, 2)];
static float query[HEADS], out[HEADS], shown[HEADS][KEYS];

// Keys are 1 to 4 for both heads; the value of key j is 2^j.
static hr_result attend(float q, const hr_features* features) {
    static const float keys[KEYS] = {1, 2, 3, 4}, values[KEYS] = {1, 2, 4, 8};
    const hr_attention how = {.first_position = 3};
    query[0] = query[1] = q;
    out[0] = out[1] = -1;
    return hr_attend(hr_best_port(), hr_const_token_major(query, HEADS, 1, 1, HEADS, 1),
                     hr_const_token_major(keys, KEYS, 1, KEYS, 1, 1),
                     hr_const_token_major(values, KEYS, 1, KEYS, 1, 1),
                     hr_token_major(out, HEADS, 1, 1, HEADS, 1), hr_bytes(scratch, sizeof scratch),
                     &how, features);
}

static void note(void* context, const hr_weights_block* block) {
    ++*(int*)context;
    CHECK(block->batch == 0 && block->query == 0 && block->head >= 0 && block->head < HEADS);
    CHECK(block->first_key >= 0 && block->first_key + (int64_t)block->count <= KEYS);
    for (size_t i = 0; i < block->count; ++i)
        shown[block->head][block->first_key + (int64_t)i] = block->values[i];
}

// The scores or weights of head `head` at a stage.
static void check_shown(float q, hr_features features, int stage, int head, const float* expected) {
    int blocks = 0;
    const hr_weights_callback callback = {stage, &blocks, note};
    features.weights = &callback;
    memset(shown, 0xff, sizeof shown);
    CHECK_OK(attend(q, &features));
    CHECK(blocks >= HEADS && memcmp(shown[head], expected, sizeof shown[head]) == 0);
}

static void check_scores(void) {
    const float cap = 2.0f, slopes[HEADS] = {1, 2};
    const hr_floats both = {slopes, HEADS};
    const float raw[KEYS] = {100, 200, 300, 400}, capped[KEYS] = {2, 2, 2, 2},
                distances[KEYS] = {-6, -4, -2, 0}, equal[KEYS] = {0.25f, 0.25f, 0.25f, 0.25f};
    const hr_features softcap = {.softcap = &cap}, alibi = {.alibi_slopes = &both}, none = {0};
    check_shown(100, none, HR_STAGE_RAW, 1, raw);
    check_shown(100, softcap, HR_STAGE_RAW, 1, raw);
    check_shown(100, softcap, HR_STAGE_SOFTCAP, 1, capped);
    check_shown(0, alibi, HR_STAGE_BIAS, 1, distances);
    check_shown(0, none, HR_STAGE_SOFTMAX, 0, equal);

    const float values[HEADS * KEYS] = {0, 0, 0, 0, 1, 2, 3, 4};
    hr_float_mask added = {.data = values, .count = 8, .keys = KEYS, .head_stride = KEYS};
    const hr_features bias = {.score_bias = &added};
    check_shown(0, bias, HR_STAGE_BIAS, 1, values + KEYS);
    added.key_stride = HR_SAME_FOR_ALL_KEYS;
    const float ones[KEYS] = {1, 1, 1, 1};
    check_shown(0, bias, HR_STAGE_BIAS, 1, ones);
}

static void check_masks(void) {
    const bool visible[KEYS] = {false, true, false, true}, keep[HEADS] = {false, true};
    hr_bool_mask mask = {.data = visible, .count = KEYS, .keys = KEYS};
    const hr_features masked = {.bool_mask = &mask};
    CHECK_OK(attend(0, &masked));
    CHECK(out[0] == 5.0f && out[1] == 5.0f);
    mask.keys = 2;  // shorter: the rest is masked
    CHECK_OK(attend(0, &masked));
    CHECK(out[0] == 2.0f);
    mask.key_stride = HR_SAME_FOR_ALL_KEYS, mask.count = 1, mask.keys = KEYS;
    CHECK_OK(attend(0, &masked));
    CHECK(out[0] == 0.0f);
    const hr_bools kept = {keep, HEADS};
    const hr_features pruned = {.kept_heads = &kept};
    CHECK_OK(attend(0, &pruned));
    CHECK(out[0] == 0.0f && out[1] == 15.0f / 4);
}

static void check_sinks(void) {
    // Two of four keys are masked, and two sinks of logit 0 join: a row of four again.
    const bool visible[KEYS] = {false, true, false, true};
    const hr_bool_mask mask = {.data = visible, .count = KEYS, .keys = KEYS};
    const float zeros[HEADS] = {0, 0}, extra_value[1] = {22};
    const hr_floats logits = {zeros, HEADS};
    const hr_extra_key extra = {{zeros, 1}, {extra_value, 1}};
    hr_features features = {.bool_mask = &mask, .zero_key = true, .sink_logits = &logits};
    CHECK_OK(attend(0, &features));
    CHECK(out[0] == 10.0f / 4);
    features.sink_logits = NULL, features.extra_key = &extra;
    CHECK_OK(attend(0, &features));
    CHECK(out[0] == 32.0f / 4);
}

static int tasks_run;
static void run_and_count(void* context, int tasks, hr_task task, void* argument) {
    for (int i = 0; i < tasks; ++i) task(argument, i, *(const int*)context);
    tasks_run += tasks;
}

static void check_observers(void) {
    hr_head_statistics heads[HEADS];
    int worker = 1;
    const hr_statistics statistics = {heads, HEADS};
    const hr_executor executor = {2, &worker, run_and_count};
    const hr_features features = {.statistics = &statistics, .executor = &executor};
    CHECK_OK(attend(100, &features));  // the last key takes all
    CHECK(tasks_run > 0 && out[0] == 8.0f);
    for (int h = 0; h < HEADS; ++h) {
        CHECK(heads[h].rows == 1 && heads[h].query == 0 && heads[h].key == 3);
        CHECK(heads[h].largest_weight == 1.0f && heads[h].entropy == 0.0f);
    }
}

void test_hr_attend_features(void) {
    check_scores();
    check_masks();
    check_sinks();
    check_observers();
}

static void check_refused(hr_features features, hr_status status, int argument) {
    CHECK_REFUSED(attend(1, &features), status, argument);
    CHECK(out[0] == -1);
}

static void check_null_arrays(void) {
    const hr_floats floats = {NULL, HEADS};
    const hr_bools bools = {NULL, HEADS};
    const hr_float_mask bias = {.count = KEYS, .keys = KEYS};
    const hr_bool_mask mask = {.count = KEYS, .keys = KEYS};
    const hr_float_mask no_bias = {.data = NULL};
    const hr_bool_mask no_mask = {.count = KEYS};
    const float one = 1;
    const hr_extra_key extra = {{&one, 1}, {NULL, 1}};
    const hr_statistics statistics = {NULL, HEADS};
    check_refused((hr_features){.alibi_slopes = &floats}, HR_TOO_SMALL, HR_ALIBI_SLOPES);
    check_refused((hr_features){.score_bias = &bias}, HR_TOO_SMALL, HR_SCORE_BIAS);
    check_refused((hr_features){.bool_mask = &mask}, HR_TOO_SMALL, HR_BOOL_MASK);
    check_refused((hr_features){.score_bias = &no_bias}, HR_BAD_SHAPE, HR_SCORE_BIAS);
    check_refused((hr_features){.bool_mask = &no_mask}, HR_BAD_SHAPE, HR_BOOL_MASK);
    check_refused((hr_features){.sink_logits = &floats}, HR_TOO_SMALL, HR_SINK_LOGITS);
    check_refused((hr_features){.extra_key = &extra}, HR_TOO_SMALL, HR_EXTRA_KEY);
    check_refused((hr_features){.kept_heads = &bools}, HR_TOO_SMALL, HR_KEPT_HEADS);
    check_refused((hr_features){.statistics = &statistics}, HR_TOO_SMALL, HR_STATISTICS);
}

void test_hr_attend_feature_errors(void) {
    const float cap = -1, three[3] = {0};
    const hr_floats slopes = {three, 3};
    const hr_rotary_tables tables = {0};
    const hr_rotary_computed computed = {{.dim = 2}, 0};
    int blocks = 0;
    const hr_weights_callback no_stage = {256, &blocks, note}, no_function = {0, &blocks, NULL};
    const hr_executor no_workers = {0, NULL, run_and_count}, no_run = {1, NULL, NULL};
    check_null_arrays();
    check_refused((hr_features){.softcap = &cap}, HR_BAD_VALUE, HR_SOFTCAP);
    check_refused((hr_features){.alibi_slopes = &slopes}, HR_BAD_SHAPE, HR_ALIBI_SLOPES);
    check_refused((hr_features){.weights = &no_stage}, HR_BAD_VALUE, HR_WEIGHTS);
    check_refused((hr_features){.weights = &no_function}, HR_BAD_VALUE, HR_WEIGHTS);
    check_refused((hr_features){.executor = &no_workers}, HR_BAD_VALUE, HR_EXECUTOR);
    check_refused((hr_features){.executor = &no_run}, HR_BAD_VALUE, HR_EXECUTOR);
    check_refused((hr_features){.rotary_tables = &tables}, HR_BAD_VALUE, HR_ROTARY_TABLES);
    check_refused((hr_features){.rotary_computed = &computed}, HR_BAD_VALUE, HR_ROTARY_COMPUTED);
    // The order of the numbers is that of the checks.
    check_refused((hr_features){.executor = &no_run, .alibi_slopes = &slopes, .softcap = &cap},
                  HR_BAD_VALUE, HR_SOFTCAP);
    CHECK(blocks == 0);
}
