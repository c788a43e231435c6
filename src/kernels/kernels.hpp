// One port's kernels, and the names that portable code calls them by.
//
// A library of several ports looks a kernel up in the port's table. A library of one port has no
// table: these functions are that port's own, so that a linker drops each one that a program does
// not call. `port` is what the caller chose; a library of one port has nothing to choose.
#pragma once

#include "kernels/attend_one.hpp"
#include "kernels/attend_sixteen.hpp"
#include "kernels/project.hpp"
#include "kernels/rotate.hpp"
#include "kernels/tile.hpp"

#include <headroom/port.hpp>

namespace headroom::detail {

// What does small calls of one kind without a plan: whether it was one for it, and is done.
using AttendSmall = bool (*)(const AttendCall& call) noexcept;
bool attend_sixteens(const AttendCall& call) noexcept;
bool attend_ones(const AttendCall& call) noexcept;

struct Kernels {
    void (*attend_tile)(Tile& tile) noexcept;
    AttendSmall attend_small;                                  // null: none
    bool (*attend_sixteen)(const SixteenTask& task) noexcept;  // null: not worth it
    bool (*attend_one)(const OneTask& task) noexcept;          // likewise
    void (*project)(const Projection& task) noexcept;
    void (*rotate)(const Rotation& task) noexcept;
    ScoreStep softcap;
    ScoreStep alibi;
    FinishTile join;
    ObserveTile observe;
    void (*exp)(const float* in, float* out, Index n) noexcept;  // for tests: n is a multiple of 16
    void (*tanh)(const float* in, float* out, Index n) noexcept;  // likewise
};

void attend_tile_on(const Port& port, Tile& tile) noexcept;
bool attend_sixteen_on(const Port& port, const SixteenTask& task) noexcept;
bool attend_one_on(const Port& port, const OneTask& task) noexcept;
void project_on(const Port& port, const Projection& task) noexcept;
void rotate_on(const Port& port, const Rotation& task) noexcept;
void exp_on(const Port& port, const float* in, float* out, Index n) noexcept;
void tanh_on(const Port& port, const float* in, float* out, Index n) noexcept;

// attend_sixteens() or attend_ones() of src/attention if the port has the kernel for it, else null:
// then a linker drops both.
AttendSmall small_heads(const Port& port) noexcept;

// softcap_step(), alibi_step(), finish_tile() and observe_tile(): headroom/detail/call.hpp

}  // namespace headroom::detail
