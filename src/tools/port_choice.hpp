// Which port the tool's commands run on.
#pragma once

#include <string>

#include <headroom/port.hpp>

namespace headroom::tools {

struct PortChoice {
    const Port& port;
    bool overridden;  ///< Named by the user, not found by best_port().
};

/// The name of the environment variable. Only the tools read it; the library reads none.
inline constexpr const char* port_variable = "HEADROOM_PORT";

/// The port of the option --port if that is not empty, else the one that HEADROOM_PORT names, or
/// best_port() if that is unset or empty. Throws UserError if either names a port that this build
/// lacks or that this processor cannot run.
PortChoice choose_port(const std::string& option = {});

}  // namespace headroom::tools
