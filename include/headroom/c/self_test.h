// The self-test: whether this device, as it is built and set up, gives the bits that all give.
#pragma once

#include <headroom/c/features.h>
#include <headroom/c/memory.h>
#include <headroom/c/port.h>
#include <headroom/c/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/// hr_result.argument of a self-test that failed; a feature has its number in hr_feature.
typedef enum hr_self_test_part {
    HR_SELF_TEST_ROUNDING_MODE = 11,  ///< HR_BAD_STATE: not to the nearest, ties to even.
    HR_SELF_TEST_SUBNORMALS = 12,     ///< HR_BAD_STATE: subnormal numbers become zero.
    HR_SELF_TEST_ATTEND = 13,         ///< HR_BAD_CHECKSUM, like all other parts: wrong bits.
    HR_SELF_TEST_ATTEND_CACHED = 14,  ///< Attention on a cache, and appending to it.
    HR_SELF_TEST_PROJECTIONS = 15     ///< The projections of a layer.
} hr_self_test_part;

/// Bytes of scratch of the functions below.
#define HR_SELF_TEST_ATTEND_BYTES 14912
#define HR_SELF_TEST_ATTEND_CACHED_BYTES 18496
#define HR_SELF_TEST_LAYER_BYTES 18496
#define HR_SELF_TEST_ROTARY_BYTES 4096

/// Runs fixed inputs through all kernels that a function of this library can reach, and no others,
/// and compares hashes of the output bits with the contract's, which are the same on every
/// platform. Before that it checks the floating-point environment by computing with it: sums round
/// to the nearest, ties to even; products keep subnormal numbers, in single operations and in the
/// port's kernels, unless its hardware knows no other way (vectors of ARMv7 NEON and Helium).
///
///   hr_self_test_attend           hr_attend() with all features
///   hr_self_test_attend_cached    hr_attend_cached() and hr_cache_append(), with all features
///   hr_self_test_layer            a layer with all features
///   hr_self_test_rotary           hr_rotate() and hr_build_rotary()
///
///   1 scratch  as many bytes as the macro above says, aligned to 64, overwritten, left unspecified
///   2 port     the one to check
///
/// Returns HR_OK; HR_TOO_SMALL, HR_MISALIGNED or HR_UNSUPPORTED_PORT, about an argument and with
/// nothing written; or the number of the first part that fails, with HR_BAD_STATE for the
/// environment and HR_BAD_CHECKSUM for wrong bits. Work: 80,000 multiply-adds for attention on
/// tensors, 15,000 on a cache, 150,000 for all features, 5,000 for projections.
hr_result hr_self_test_attend(hr_memory scratch, const hr_port* port);
hr_result hr_self_test_attend_cached(hr_memory scratch, const hr_port* port);
hr_result hr_self_test_layer(hr_memory scratch, const hr_port* port);
hr_result hr_self_test_rotary(hr_memory scratch, const hr_port* port);

/// One line of English for hr_result.argument of a self-test that failed; never NULL, static
/// storage.
const char* hr_describe_self_test(int part);

#ifdef __cplusplus
}
#endif
