// A port's kernel file includes this last: it makes all kernels for the Lanes of that file, as a
// table among others, or by the names of kernels.hpp if there is no other port.
#pragma once

#include "kernels/make_kernels.hpp"
#include "shared/this_port.hpp"

// One file of each port includes this, and its definitions are what it is for.
// NOLINTBEGIN(misc-definitions-in-headers)

#if !HEADROOM_ONE_PORT

namespace headroom::isa {
constinit const detail::Kernels HEADROOM_THIS_TABLE = detail::make_kernels<Lanes>();
}

#else

namespace headroom::detail {

using OnlyPort = KernelsOf<isa::Lanes>;

void attend_tile_on(const Port&, Tile& tile) noexcept { OnlyPort::attend(tile); }
AttendSmall small_heads(const Port&) noexcept { return OnlyPort::small(); }
bool attend_sixteen_on(const Port&, const SixteenTask& task) noexcept {
    if constexpr (OnlyPort::has_sixteen) return OnlyPort::sixteen()(task);
    return false;
}
bool attend_one_on(const Port&, const OneTask& task) noexcept {
    if constexpr (OnlyPort::has_one) return OnlyPort::one()(task);
    return false;
}
void project_on(const Port&, const Projection& task) noexcept { OnlyPort::project_rows(task); }
void rotate_on(const Port&, const Rotation& task) noexcept { OnlyPort::rotate_head(task); }
void exp_on(const Port&, const float* in, float* out, Index n) noexcept {
    OnlyPort::exp(in, out, n);
}
void tanh_on(const Port&, const float* in, float* out, Index n) noexcept {
    OnlyPort::tanh(in, out, n);
}
ScoreStep softcap_step(const Port&) noexcept { return OnlyPort::softcap; }
ScoreStep alibi_step(const Port&) noexcept { return OnlyPort::alibi; }
FinishTile finish_tile(const Port&) noexcept { return OnlyPort::join; }
ObserveTile observe_tile(const Port&) noexcept { return OnlyPort::observe; }

}  // namespace headroom::detail

#endif

// NOLINTEND(misc-definitions-in-headers)
