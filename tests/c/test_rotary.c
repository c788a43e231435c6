// Rotary tables and rotation.
#include "c/check.h"

static float cosines[16], sines[16];

void test_hr_rotary_table_size(void) {
    CHECK(hr_rotary_table_size(4, 8) == 16);
    CHECK(hr_rotary_table_size(3, 8) == 0 && hr_rotary_table_size(0, 8) == 0);
    CHECK(hr_rotary_table_size(4, -1) == 0 && hr_rotary_table_size(6, INT64_MAX) == 0);
}

void test_hr_build_rotary(void) {
    const hr_rotary_parameters defaults = {.dim = 4};
    const hr_rotary_parameters written = {
        .dim = 4, .base = 10000.0, .factor = 1.0, .beta_fast = 32.0, .beta_slow = 1.0};
    float more_cosines[16], more_sines[16];
    CHECK_OK(hr_build_rotary(&defaults, 0, 8, cosines, sines, 16));
    CHECK_OK(hr_build_rotary(&written, 0, 8, more_cosines, more_sines, 16));
    CHECK(memcmp(cosines, more_cosines, sizeof cosines) == 0);
    CHECK(memcmp(sines, more_sines, sizeof sines) == 0);
    hr_rotary_parameters yarn = {
        .dim = 16, .scaling = HR_ROTARY_YARN, .factor = 8.0, .original_positions = 4096};
    CHECK_OK(hr_build_rotary(&yarn, 7, 2, cosines, sines, 16));
    yarn.beta_fast = 32.0, yarn.beta_slow = 1.0;
    CHECK_OK(hr_build_rotary(&yarn, 7, 2, more_cosines, more_sines, 16));
    CHECK(memcmp(cosines, more_cosines, sizeof cosines) == 0);
    CHECK_OK(hr_build_rotary(&defaults, 0, 8, cosines, sines, 16));
    CHECK(cosines[0] == 1.0f && sines[0] == 0.0f);
    CHECK(cosines[2] > 0.5403f && cosines[2] < 0.5404f && sines[2] > 0.8414f && sines[2] < 0.8415f);

    CHECK_REFUSED(hr_build_rotary(NULL, 0, 8, cosines, sines, 16), HR_BAD_VALUE, 1);
    hr_rotary_parameters wrong = defaults;
    wrong.scaling = 4;
    CHECK_REFUSED(hr_build_rotary(&wrong, 0, 8, cosines, sines, 16), HR_BAD_VALUE, 1);
    wrong.scaling = 256;  // not taken for its low byte
    CHECK_REFUSED(hr_build_rotary(&wrong, 0, 8, cosines, sines, 16), HR_BAD_VALUE, 1);
    wrong.scaling = HR_ROTARY_NTK;
    CHECK_OK(hr_build_rotary(&wrong, 0, 8, cosines, sines, 16));
    CHECK_REFUSED(hr_build_rotary(&defaults, -((int64_t)1 << 40), 8, cosines, sines, 16),
                  HR_BAD_VALUE, 2);
    CHECK_REFUSED(hr_build_rotary(&defaults, 0, -1, cosines, sines, 16), HR_BAD_VALUE, 3);
    CHECK_REFUSED(hr_build_rotary(&defaults, 0, 8, cosines, sines, 15), HR_TOO_SMALL, 4);
    CHECK_REFUSED(hr_build_rotary(&defaults, 0, 8, NULL, sines, 16), HR_TOO_SMALL, 4);
    CHECK_REFUSED(hr_build_rotary(&defaults, 0, 8, cosines, NULL, 16), HR_TOO_SMALL, 5);
    CHECK_REFUSED(hr_build_rotary(&defaults, 0, 8, cosines, cosines, 16), HR_OVERLAP, 5);
}

void test_hr_rotate(void) {
    const hr_port* port = hr_best_port();
    // A quarter turn for each position, in numbers that are exact.
    const float quarter_cos[4] = {1, 0, -1, 0}, quarter_sin[4] = {0, 1, 0, -1};
    hr_rotary_tables tables = {2, HR_ROTARY_HALVES, 4, quarter_cos, quarter_sin, 4};
    const float in[6] = {3, 5, 7, 11, 13, 17};
    const int64_t positions[2] = {1, 2};
    float out[6];
    const hr_const_tensor from = hr_const_token_major(in, 6, 1, 2, 1, 3);
    const hr_tensor to = hr_token_major(out, 6, 1, 2, 1, 3);
    CHECK_OK(hr_rotate(port, from, to, &tables, positions, 2));
    const float turned[6] = {-5, 3, 7, -11, -13, 17};
    CHECK(memcmp(out, turned, sizeof out) == 0);
    tables.dim = 2, tables.pairs = HR_ROTARY_INTERLEAVED;  // two elements are one pair either way
    CHECK_OK(hr_rotate(port, from, to, &tables, positions, 2));
    CHECK(memcmp(out, turned, sizeof out) == 0);

    CHECK_REFUSED(hr_rotate(NULL, from, to, &tables, positions, 2), HR_UNSUPPORTED_PORT, 1);
    CHECK_REFUSED(
        hr_rotate(port, hr_const_token_major(NULL, 6, 1, 2, 1, 3), to, &tables, positions, 2),
        HR_TOO_SMALL, 2);
    CHECK_REFUSED(hr_rotate(port, from, hr_token_major(NULL, 6, 1, 2, 1, 3), &tables, positions, 2),
                  HR_TOO_SMALL, 3);
    CHECK_REFUSED(hr_rotate(port, from, to, NULL, positions, 2), HR_BAD_SHAPE, 4);
    CHECK_REFUSED(hr_rotate(port, from, to, &tables, NULL, 2), HR_TOO_SMALL, 5);
    CHECK_REFUSED(hr_rotate(port, from, to, &tables, positions, 1), HR_TOO_SMALL, 5);
    tables.pairs = 256;
    CHECK_REFUSED(hr_rotate(port, from, to, &tables, positions, 2), HR_BAD_VALUE, 4);
    tables.pairs = 0, tables.count = 3;
    CHECK_REFUSED(hr_rotate(port, from, to, &tables, positions, 2), HR_TOO_SMALL, 4);
    tables.count = 4, tables.sin = NULL;
    CHECK_REFUSED(hr_rotate(port, from, to, &tables, positions, 2), HR_TOO_SMALL, 4);
    CHECK(memcmp(out, turned, sizeof out) == 0);
}
