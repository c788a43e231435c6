#include "tools/port_choice.hpp"

#include <cstdlib>
#include <string>

#include "tools/user_error.hpp"

namespace headroom::tools {

PortChoice choose_port(const std::string& option) {
    const char* const variable = std::getenv(port_variable);
    const std::string name = !option.empty() ? option : variable != nullptr ? variable : "";
    if (name.empty()) return {best_port(), false};

    const std::string source =
        (option.empty() ? std::string(port_variable) + "=" : "--port ") + name;
    const Port* const port = find_port(name.c_str());
    if (port == nullptr) {
        std::string known;
        for (const Port* each : ports())
            known += std::string(known.empty() ? "" : ", ") + each->name;
        throw UserError(source + ": no such port in this build; it has " + known);
    }
    if (!port->supported()) {
        throw UserError(source + ": this processor cannot run that port; it needs " + port->needs);
    }
    return {*port, true};
}

}  // namespace headroom::tools
