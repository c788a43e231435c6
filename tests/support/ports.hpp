// The ports that can run here. Which were skipped, and whether that is a failure, is main.cpp's
// business.
#pragma once

#include <string>
#include <vector>

#include <headroom/port.hpp>

namespace headroom::test {

/// Every port of this build that this processor supports; the last one is scalar.
inline const std::vector<const Port*>& runnable_ports() {
    static const std::vector<const Port*> ports = [] {
        std::vector<const Port*> found;
        for (const Port* port : headroom::ports())
            if (port->supported()) found.push_back(port);
        return found;
    }();
    return ports;
}

/// For INFO, which prints a char pointer as an address.
inline std::string name_of(const Port& port) { return port.name; }

/// The oracle for bits.
inline const Port& scalar_port() { return *find_port("scalar"); }

/// Port number i of the runnable ones, round and round: for tests that need only one port for each
/// case.
inline const Port& some_port(int i) {
    const auto& ports = runnable_ports();
    return *ports[static_cast<std::size_t>(i) % ports.size()];
}

}  // namespace headroom::test
