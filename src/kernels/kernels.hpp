// The table of one port's kernels, and the accessors that the portable code calls them by.
#pragma once

#include "kernels/attend_sixteen.hpp"
#include "kernels/project.hpp"
#include "kernels/rotate.hpp"
#include "kernels/tile.hpp"

#include <headroom/port.hpp>

namespace headroom::detail {

struct Kernels {
    void (*attend_tile)(Tile& tile) noexcept;
    bool (*attend_sixteen)(const SixteenTask& task) noexcept;
    void (*project)(const Projection& task) noexcept;
    void (*rotate)(const Rotation& task) noexcept;
    ScoreStep softcap;
    ScoreStep alibi;
    FinishTile join;
    ObserveTile observe;
    void (*exp)(const float* in, float* out, Index n) noexcept;  // for tests: n is a multiple of 16
    void (*tanh)(const float* in, float* out, Index n) noexcept;  // likewise
};

}  // namespace headroom::detail
