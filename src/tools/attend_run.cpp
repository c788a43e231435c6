#include "tools/attend_run.hpp"

#include <algorithm>
#include <string>

#include "tools/aligned_bytes.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

// Multiply-adds between two signs of life: a millisecond with vectors, a second without.
constexpr double work_at_once = 1e8;
// Floats of weights in memory: 64 MB.
constexpr double weights_at_once = 1 << 24;
// The library takes so many queries at a time; a piece of fewer costs more.
constexpr Index tile_queries = 48;

std::size_t scratch_size(const AttendProblem& problem) {
    const std::size_t size = scratch_bytes_of(problem);
    if (size == 0) throw UserError("the heads are too many or too wide for this machine");
    return size;
}

void solve_piece(const Port& port, const AttendProblem& piece, std::span<std::byte> scratch) {
    const Result result = solve(port, piece, scratch);
    if (result.ok()) return;
    throw UserError("the library refuses argument " + std::to_string(result.argument) +
                    " of attend(): " + describe(result.status));
}

}  // namespace

Index queries_at_once(const AttendProblem& problem, bool with_weights) {
    const double scores = std::max(
        1.0, static_cast<double>(problem.query.heads) * static_cast<double>(problem.key.tokens));
    const auto width = static_cast<double>(problem.key.width + problem.value.width);
    double most = std::max<double>(tile_queries, work_at_once / (scores * width));
    if (with_weights) most = std::clamp(weights_at_once / scores, 1.0, most);
    if (most >= static_cast<double>(problem.query.tokens))
        return std::max<Index>(problem.query.tokens, 1);
    const auto count = static_cast<Index>(most);
    return count < tile_queries ? count : count - count % tile_queries;
}

void attend_in_pieces(const Port& port, const AttendProblem& problem, Index queries_at_once,
                      const WeightsRequest& weights, Progress& progress,
                      const InterruptWatch& watch) {
    const ConstTensor& query = problem.query;
    AlignedBytes scratch(scratch_size(part_of(problem, 0, 0, queries_at_once)));
    for (Index b = 0; b < query.batches; ++b)
        for (Index first = 0; first < query.tokens; first += queries_at_once) {
            const Index count = std::min(queries_at_once, query.tokens - first);
            AttendProblem piece = part_of(problem, b, first, count);
            if (weights.show) {
                WeightsCollector collector(1, query.heads, count, problem.key.tokens);
                piece.weights = collector.callback(weights.stage);
                solve_piece(port, piece, scratch.bytes());
                weights.show(b, first, collector);
            } else {
                solve_piece(port, piece, scratch.bytes());
            }
            progress.advance(static_cast<double>(count));
            watch.throw_if_interrupted();
        }
}

}  // namespace headroom::tools
