// Versions and statuses.
#include "c/check.h"

void test_hr_version(void) {
    CHECK(hr_version() == HR_VERSION);
    CHECK(HR_VERSION == HR_VERSION_MAJOR * 1000000 + HR_VERSION_MINOR * 1000 + HR_VERSION_PATCH);
}

void test_hr_numerics_version(void) { CHECK(hr_numerics_version() == HR_NUMERICS_VERSION); }

void test_hr_weights_format(void) { CHECK(hr_weights_format() == HR_WEIGHTS_FORMAT); }

void test_hr_describe(void) {
    CHECK(strcmp(hr_describe(HR_OK), "ok") == 0);
    for (int a = HR_OK; a <= HR_NOT_OPEN; ++a) {
        CHECK(strlen(hr_describe((hr_status)a)) > 1);
        for (int b = HR_OK; b < a; ++b)
            CHECK(strcmp(hr_describe((hr_status)a), hr_describe((hr_status)b)) != 0);
    }
    CHECK(strcmp(hr_describe((hr_status)15), "not a status") == 0);
}
