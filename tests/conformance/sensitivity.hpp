// How much of an output float32 can determine at all.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "conformance/operators.hpp"

namespace headroom::conformance {

/// For each element of each output, how far the library moves it when every input moves by one
/// float or stays: the most of some random tries on the scalar port. Where that is more than a case
/// tolerates, which implementation passes is luck: every float32 sum rounds its terms about as
/// much.
std::map<std::string, std::vector<double>> sensitivity(const TestCase& test, Operator library);

}  // namespace headroom::conformance
