// Comparing what the library computed with what a case wants.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "conformance/array.hpp"
#include "conformance/test_case.hpp"

namespace headroom::conformance {

/// One output of a run: what came out, and what was wanted of it, in the same shape. `want` is the
/// case's own array unless a note says what was changed.
struct Output {
    std::string name;
    std::vector<float> got;
    Array want;
};

/// What running a case on one port gave.
struct Outcome {
    std::vector<Output> outputs;
    std::set<std::string> covered;  ///< The case's outputs that `outputs` answers.
    std::set<std::string> notes;    ///< Sentences for the printed line.

    /// Adds an output if the case wants it. Throws Failure if the case wants another shape.
    void add(const TestCase& test, const std::string& name, const Dims& dims,
             std::vector<float> got);
};

/// The worst element: |got - want| in units of absolute + relative * |want| + the element's
/// allowance, if there are any; above 1 is a failure. An infinity equals itself, NaN equals NaN;
/// anything else there counts as infinitely far.
struct Deviation {
    double ratio = 0;
    std::string where;  ///< Of the first failing element; empty if none fails.
    Index failing = 0;  ///< Elements that fail.
};
Deviation compare(const Output& output, const Tolerance& tolerance,
                  const std::vector<double>& allowances = {});

}  // namespace headroom::conformance
