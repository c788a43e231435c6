// hr_describe() and the versions; the C names stand for the same numbers.
#include <headroom/c/status.h>

#include <headroom/status.hpp>
#include <headroom/version.hpp>

namespace headroom {
namespace {

constexpr bool same(hr_status c, Status status) {
    return static_cast<int>(c) == static_cast<int>(status);
}
static_assert(same(HR_OK, Status::ok));
static_assert(same(HR_BAD_SHAPE, Status::bad_shape));
static_assert(same(HR_BAD_VALUE, Status::bad_value));
static_assert(same(HR_TOO_SMALL, Status::too_small));
static_assert(same(HR_MISALIGNED, Status::misaligned));
static_assert(same(HR_OVERLAP, Status::overlap));
static_assert(same(HR_CACHE_FULL, Status::cache_full));
static_assert(same(HR_BAD_STATE, Status::bad_state));
static_assert(same(HR_BAD_WEIGHTS, Status::bad_weights));
static_assert(same(HR_BAD_CHECKSUM, Status::bad_checksum));
static_assert(same(HR_UNSUPPORTED_PORT, Status::unsupported_port));
static_assert(same(HR_NOT_OPEN, Status::not_open));

static_assert(HR_VERSION_MAJOR == version_major && HR_VERSION_MINOR == version_minor &&
              HR_VERSION_PATCH == version_patch);
static_assert(HR_NUMERICS_VERSION == numerics_version && HR_WEIGHTS_FORMAT == weights_format);

}  // namespace
}  // namespace headroom

int hr_version(void) { return HR_VERSION; }
int hr_numerics_version(void) { return headroom::numerics_version; }
int hr_weights_format(void) { return headroom::weights_format; }

const char* hr_describe(hr_status status) {
    return headroom::describe(static_cast<headroom::Status>(status));
}
