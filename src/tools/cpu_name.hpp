// What the processor calls itself.
#pragma once

#include <string>

namespace headroom::tools {

/// The name that the operating system gives it, for people to read; "unknown" if it gives none.
std::string cpu_name();

}  // namespace headroom::tools
