// The checks of the C tests, and the list of them: one test for each public function, by its name.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <headroom/headroom.h>

/// Prints the condition and where it stands if it does not hold, and fails the running test.
#define CHECK(condition) check((condition), #condition, __FILE__, __LINE__)
void check(bool holds, const char* condition, const char* file, int line);

/// Whether a call was refused so; prints what came instead.
#define CHECK_REFUSED(call, status, argument) \
    check_result((call), status, argument, #call, __LINE__)
#define CHECK_OK(call) check_result((call), HR_OK, 0, #call, __LINE__)
void check_result(hr_result result, hr_status status, int argument, const char* call, int line);

#define TESTS(X)                  \
    X(hr_version)                 \
    X(hr_numerics_version)        \
    X(hr_weights_format)          \
    X(hr_describe)                \
    X(hr_port_count)              \
    X(hr_port_at)                 \
    X(hr_best_port)               \
    X(hr_find_port)               \
    X(hr_port_name)               \
    X(hr_port_needs)              \
    X(hr_port_supported)          \
    X(hr_bytes)                   \
    X(hr_const_bytes)             \
    X(hr_token_major)             \
    X(hr_const_token_major)       \
    X(hr_head_major)              \
    X(hr_const_head_major)        \
    X(hr_rows_of)                 \
    X(hr_const_rows_of)           \
    X(hr_shape_valid)             \
    X(hr_state_bytes)             \
    X(hr_scratch_bytes)           \
    X(hr_weights_bytes)           \
    X(hr_cache_bytes)             \
    X(hr_attend_scratch_bytes)    \
    X(hr_cache_open)              \
    X(hr_cache_size)              \
    X(hr_cache_capacity)          \
    X(hr_cache_clear)             \
    X(hr_cache_truncate)          \
    X(hr_cache_append)            \
    X(hr_cache_copy)              \
    X(hr_attend)                  \
    X(hr_attend_features)         \
    X(hr_attend_feature_errors)   \
    X(hr_attend_cached)           \
    X(hr_rotary_table_size)       \
    X(hr_build_rotary)            \
    X(hr_rotate)                  \
    X(hr_pack_weights)            \
    X(hr_check_weights)           \
    X(hr_layer_open)              \
    X(hr_layer_forward)           \
    X(hr_layer_append_context)    \
    X(hr_layer_attend_context)    \
    X(hr_layer_cache)             \
    X(hr_self_test_attend)        \
    X(hr_self_test_attend_cached) \
    X(hr_self_test_layer)         \
    X(hr_self_test_rotary)        \
    X(hr_describe_self_test)

#define DECLARE_TEST(name) void test_##name(void);
TESTS(DECLARE_TEST)
