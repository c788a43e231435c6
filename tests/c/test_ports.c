// The list of ports.
#include "c/check.h"

void test_hr_port_count(void) { CHECK(hr_port_count() >= 1); }

void test_hr_port_at(void) {
    const size_t count = hr_port_count();
    for (size_t i = 0; i < count; ++i) {
        CHECK(hr_port_at(i) != NULL);
        for (size_t k = 0; k < i; ++k) CHECK(hr_port_at(i) != hr_port_at(k));
    }
    CHECK(strcmp(hr_port_name(hr_port_at(count - 1)), "scalar") == 0);
    CHECK(hr_port_at(count) == NULL);
    CHECK(hr_port_at(SIZE_MAX) == NULL);
}

void test_hr_best_port(void) {
    size_t i = 0;
    while (!hr_port_supported(hr_port_at(i))) ++i;
    CHECK(hr_best_port() == hr_port_at(i));
}

void test_hr_find_port(void) {
    for (size_t i = 0; i < hr_port_count(); ++i)
        CHECK(hr_find_port(hr_port_name(hr_port_at(i))) == hr_port_at(i));
    CHECK(hr_find_port("scala") == NULL);
    CHECK(hr_find_port("scalars") == NULL);
    CHECK(hr_find_port("") == NULL);
    CHECK(hr_find_port(NULL) == NULL);
}

void test_hr_port_name(void) {
    CHECK(strcmp(hr_port_name(hr_find_port("scalar")), "scalar") == 0);
    CHECK(strcmp(hr_port_name(NULL), "") == 0);
}

void test_hr_port_needs(void) {
    const hr_port* scalar = hr_find_port("scalar");
    CHECK(strlen(hr_port_needs(scalar)) > 0);
    CHECK(strcmp(hr_port_needs(scalar), hr_port_name(scalar)) != 0);
    CHECK(strcmp(hr_port_needs(NULL), "") == 0);
}

void test_hr_port_supported(void) {
    CHECK(hr_port_supported(hr_find_port("scalar")));
    CHECK(!hr_port_supported(NULL));
}
