#include "tools/terminal.hpp"

namespace headroom::tools {

bool is_terminal(std::FILE*) noexcept { return false; }

}  // namespace headroom::tools
