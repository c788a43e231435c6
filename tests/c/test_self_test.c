// The self-tests, on every port and refused.
#include "c/check.h"

HR_ALIGNED static unsigned char scratch[HR_SELF_TEST_LAYER_BYTES];

typedef hr_result (*self_test)(hr_memory scratch, const hr_port* port);

static void check_self_test(self_test run, size_t bytes) {
    for (size_t i = 0; i < hr_port_count(); ++i) {
        const hr_port* port = hr_port_at(i);
        if (hr_port_supported(port)) CHECK_OK(run(hr_bytes(scratch, bytes), port));
    }
    const hr_port* port = hr_best_port();
    CHECK_REFUSED(run(hr_bytes(scratch, bytes - 1), port), HR_TOO_SMALL, 1);
    CHECK_REFUSED(run(hr_bytes(NULL, bytes), port), HR_TOO_SMALL, 1);
    CHECK_REFUSED(run(hr_bytes(scratch, bytes), NULL), HR_UNSUPPORTED_PORT, 2);
    HR_ALIGNED static unsigned char shifted[HR_SELF_TEST_LAYER_BYTES + 4];
    CHECK_REFUSED(run(hr_bytes(shifted + 4, bytes), port), HR_MISALIGNED, 1);
}

void test_hr_self_test_attend(void) {
    check_self_test(hr_self_test_attend, HR_SELF_TEST_ATTEND_BYTES);
}

void test_hr_self_test_attend_cached(void) {
    check_self_test(hr_self_test_attend_cached, HR_SELF_TEST_ATTEND_CACHED_BYTES);
}

void test_hr_self_test_layer(void) {
    check_self_test(hr_self_test_layer, HR_SELF_TEST_LAYER_BYTES);
}

void test_hr_self_test_rotary(void) {
    check_self_test(hr_self_test_rotary, HR_SELF_TEST_ROTARY_BYTES);
}

void test_hr_describe_self_test(void) {
    const char* none = hr_describe_self_test(0);
    CHECK(strlen(none) > 0);
    for (int part = HR_SELF_TEST_ROUNDING_MODE; part <= HR_SELF_TEST_PROJECTIONS; ++part)
        CHECK(strcmp(hr_describe_self_test(part), none) != 0);
    CHECK(strcmp(hr_describe_self_test(HR_SOFTCAP), none) != 0);
    CHECK(strcmp(hr_describe_self_test(256 + HR_SOFTCAP), none) == 0);
    CHECK(strcmp(hr_describe_self_test(-1), none) == 0);
}
