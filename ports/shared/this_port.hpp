// What the build says of the port that a file belongs to: HEADROOM_PORT is its name,
// HEADROOM_ONE_PORT whether the library has no other.
#pragma once

#include <headroom/port.hpp>

#define HEADROOM_JOINED(a, b) a##b
#define HEADROOM_TABLE_OF(name) HEADROOM_JOINED(name, _kernels)
#define HEADROOM_THIS_TABLE HEADROOM_TABLE_OF(HEADROOM_PORT)

namespace headroom::isa {

extern const Port HEADROOM_PORT;
extern const detail::Kernels HEADROOM_THIS_TABLE;  // absent if the library has one port

namespace {
// For Port::kernels.
constexpr const detail::Kernels* this_table() noexcept {
#if HEADROOM_ONE_PORT
    return nullptr;
#else
    return &HEADROOM_THIS_TABLE;
#endif
}
}  // namespace

}  // namespace headroom::isa
