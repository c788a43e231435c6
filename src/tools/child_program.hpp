// Another program, started by the tool; ports/os/<name>/child_program.cpp does it.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace headroom::tools {

/// Runs a program until it ends, with the tool's own environment and stderr, and hands over each
/// line that it prints, without its end. `command` is its path and its arguments. If `on_line`
/// throws, the program is ended first. Returns its exit code, or 128 and the number of the signal
/// that ended it. Throws UserError if it cannot be started.
int run_program(const std::vector<std::string>& command,
                const std::function<void(const std::string&)>& on_line);

}  // namespace headroom::tools
