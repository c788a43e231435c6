// ai.onnx.Attention as a user of the command line tool computes it.
#pragma once

#include <filesystem>

#include "conformance/operators.hpp"

namespace headroom::conformance {

/// Runs a case through a shell: `tool attend` with options made of the case's attributes, on the
/// case's own files. Throws Skip for another operator, Failure if the tool fails or writes another
/// type than the case wants.
Outcome run_tool_attention(const std::filesystem::path& tool, const TestCase& test,
                           const Port& port);

}  // namespace headroom::conformance
