// How much of an output float32 can determine at all.
#pragma once

#include <vector>

#include "conformance/operators.hpp"

namespace headroom::conformance {

/// For each element of each output, how far it moves when every input moves by one float or stays:
/// the most of some random tries on the scalar port. Where that is more than a case tolerates,
/// which implementation passes is luck: every float32 sum rounds its terms about as much.
std::vector<std::vector<double>> sensitivity(const TestCase& test, Operator run,
                                             const Outcome& outcome);

}  // namespace headroom::conformance
