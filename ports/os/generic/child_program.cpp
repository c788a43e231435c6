#include "tools/child_program.hpp"

#include "tools/user_error.hpp"

namespace headroom::tools {

int run_program(const std::vector<std::string>& command,
                const std::function<void(const std::string&)>&) {
    throw UserError(command.front() + ": on this system the tool cannot start another program");
}

}  // namespace headroom::tools
