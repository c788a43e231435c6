// What the tool asks of the operating system about its streams; ports/os/<name>/terminal.cpp
// answers.
#pragma once

#include <cstdio>

namespace headroom::tools {

/// Whether a person reads the stream as it is written. Where nobody knows: no.
bool is_terminal(std::FILE* stream) noexcept;

}  // namespace headroom::tools
