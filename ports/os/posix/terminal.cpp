#include "tools/terminal.hpp"

#include <unistd.h>

namespace headroom::tools {

bool is_terminal(std::FILE* stream) noexcept { return isatty(fileno(stream)) == 1; }

}  // namespace headroom::tools
