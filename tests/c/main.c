// Runs the tests of the C interface, or those whose names are given.
#include <stdio.h>

#include "c/check.h"

static const char* running;
static int failures;

void check(bool holds, const char* condition, const char* file, int line) {
    if (holds) return;
    printf("%s:%d: test of %s: %s\n", file, line, running, condition);
    ++failures;
}

void check_result(hr_result result, hr_status status, int argument, const char* call, int line) {
    if (result.status == status && result.argument == argument) return;
    printf(
        "line %d: test of %s: %s\n  gives \"%s\" (argument %d) instead of \"%s\" (argument %d)\n",
        line, running, call, hr_describe(result.status), result.argument, hr_describe(status),
        argument);
    ++failures;
}

static bool wanted(const char* name, int count, char** names) {
    for (int i = 1; i < count; ++i) {
        if (strcmp(names[i], name) == 0) return true;
    }
    return count == 1;
}

#define NAME_AND_TEST(name) {#name, test_##name},
static const struct {
    const char* name;
    void (*run)(void);
} tests[] = {TESTS(NAME_AND_TEST)};

int main(int count, char** names) {
    int ran = 0, failed = 0;
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; ++i) {
        if (!wanted(tests[i].name, count, names)) continue;
        const int before = failures;
        running = tests[i].name;
        tests[i].run();
        failed += failures > before;
        ++ran;
    }
    printf("%d tests, %d failed\n", ran, failed);
    return ran > 0 && failed == 0 ? 0 : 1;
}
