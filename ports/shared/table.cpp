// The kernels of kernels.hpp by name, looked up in the table of the port that the caller chose.
// Compiled only where there is more than one port.
#include "kernels/kernels.hpp"

namespace headroom::detail {

void attend_tile_on(const Port& port, Tile& tile) noexcept { port.kernels->attend_tile(tile); }
AttendSmall small_heads(const Port& port) noexcept { return port.kernels->attend_small; }
bool attend_sixteen_on(const Port& port, const SixteenTask& task) noexcept {
    return port.kernels->attend_sixteen(task);
}
bool attend_one_on(const Port& port, const OneTask& task) noexcept {
    return port.kernels->attend_one(task);
}
void project_on(const Port& port, const Projection& task) noexcept { port.kernels->project(task); }
void rotate_on(const Port& port, const Rotation& task) noexcept { port.kernels->rotate(task); }
void exp_on(const Port& port, const float* in, float* out, Index n) noexcept {
    port.kernels->exp(in, out, n);
}
void tanh_on(const Port& port, const float* in, float* out, Index n) noexcept {
    port.kernels->tanh(in, out, n);
}
ScoreStep softcap_step(const Port& port) noexcept { return port.kernels->softcap; }
ScoreStep alibi_step(const Port& port) noexcept { return port.kernels->alibi; }
FinishTile finish_tile(const Port& port) noexcept { return port.kernels->join; }
ObserveTile observe_tile(const Port& port) noexcept { return port.kernels->observe; }

}  // namespace headroom::detail
