// Calling attend() as a case asks for it.
#pragma once

#include <headroom/status.hpp>

#include "tools/attend_problem.hpp"
#include "tools/weights_collector.hpp"

namespace headroom::conformance {

using tools::AttendProblem;
using tools::WeightsCollector;

/// Calls attend() in scratch of exactly scratch_bytes(). Then appends the keys to a KvCache, in two
/// pieces, and attends to that, sequence by sequence: the bits must be the same. Throws Failure if
/// not, or if the library refuses a call.
void run_attend(const Port& port, const AttendProblem& problem);

/// Throws Failure unless `result` is ok; `call` is the name of what was called.
void require_ok(Result result, const char* call);

}  // namespace headroom::conformance
