// What a call returns, and the versions that a program may want to print or check.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The versions of this header. The functions below give those of the archive that was linked: a
/// program may compare them.
#define HR_VERSION_MAJOR 0
#define HR_VERSION_MINOR 1
#define HR_VERSION_PATCH 0
#define HR_VERSION (HR_VERSION_MAJOR * 1000000 + HR_VERSION_MINOR * 1000 + HR_VERSION_PATCH)

/// The version of the bits: equal numbers promise equal output bits for equal inputs, on every
/// port.
#define HR_NUMERICS_VERSION 1

/// The version of the packed weights' layout; a blob of another version is refused.
#define HR_WEIGHTS_FORMAT 1

int hr_version(void);
int hr_numerics_version(void);
int hr_weights_format(void);

/// Why a call was refused. A refused call has changed nothing: no output element, no cache byte.
typedef enum hr_status {
    HR_OK,            ///< Done.
    HR_BAD_SHAPE,     ///< A size or stride is out of range, or two arguments disagree about one.
    HR_BAD_VALUE,     ///< A number is not finite or not in the range its declaration states.
    HR_TOO_SMALL,     ///< Memory is smaller than its shape or size function says, or NULL.
    HR_MISALIGNED,    ///< State, scratch or weights do not start at a multiple of 64 bytes.
    HR_OVERLAP,       ///< Two arguments share memory that must not be shared.
    HR_CACHE_FULL,    ///< The cache cannot hold the tokens of this call.
    HR_BAD_STATE,     ///< Not a header of this shape's cache, or a wrong floating-point mode.
    HR_BAD_WEIGHTS,   ///< The packed weights are not this layer's: magic, version, shape or size.
    HR_BAD_CHECKSUM,  ///< The packed weights have changed, or a self-test's bits are wrong.
    HR_UNSUPPORTED_PORT,  ///< This processor lacks the instructions of the port, or it is NULL.
    HR_NOT_OPEN           ///< The handle is NULL, has not been opened, or opening it failed.
} hr_status;

/// One line of English for a status; never NULL, static storage.
const char* hr_describe(hr_status status);

/// The status of a call and the number of the argument that it is about, counted from 1 in the
/// order of the declaration; 0 if the status is HR_OK or about no single argument. An error in a
/// feature has the feature's own number instead, see hr_feature.
typedef struct hr_result {
    hr_status status;
    uint8_t argument;
} hr_result;

#ifdef __cplusplus
}
#endif
