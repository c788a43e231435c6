// Long attention, piece by piece: bounded memory for the weights, and a sign of life.
#pragma once

#include <functional>

#include <headroom/features.hpp>

#include "tools/attend_problem.hpp"
#include "tools/interrupt.hpp"
#include "tools/progress.hpp"
#include "tools/weights_collector.hpp"

namespace headroom::tools {

/// Takes the weights [1][heads][queries][keys] of the queries of one sequence from `first_query`
/// on.
using ShowWeights =
    std::function<void(Index batch, Index first_query, const WeightsCollector& weights)>;

struct WeightsRequest {
    Stage stage = Stage::softmax;
    ShowWeights show;  ///< Empty: no weights are wanted.
};

/// How many queries of the problem to attend at once, at least 1.
Index queries_at_once(const AttendProblem& problem, bool with_weights);

/// Solves the problem, so many queries of one sequence at a time: the same bits as at once. The
/// progress advances by the number of queries. Throws UserError if the library refuses the problem, and
/// Interrupted between two pieces.
void attend_in_pieces(const Port& port, const AttendProblem& problem, Index queries_at_once,
                      const WeightsRequest& weights, Progress& progress,
                      const InterruptWatch& watch);

}  // namespace headroom::tools
