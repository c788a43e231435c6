// The test program's main. HEADROOM_REQUIRE_PORTS=a,b makes it a failure if one of these ports
// could not run here; without it a port that this processor lacks is skipped, and each skip is
// printed once.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>

#include <headroom/port.hpp>

namespace {

// The number of required ports that did not run; says which and why.
int missing_ports(const char* names) {
    int missing = 0;
    std::istringstream list(names);
    for (std::string name; std::getline(list, name, ',');) {
        if (name.empty()) continue;
        const headroom::Port* const port = headroom::find_port(name.c_str());
        if (port != nullptr && port->supported()) continue;
        std::fprintf(stderr, "required port %s: %s\n", name.c_str(),
                     port == nullptr ? "not in this build" : "not supported by this processor");
        ++missing;
    }
    return missing;
}

}  // namespace

int main(int argc, char** argv) {
    doctest::Context context(argc, argv);
    const int failed = context.run();
    if (context.shouldExit()) return failed;  // a query such as --list-test-cases

    for (const headroom::Port* port : headroom::ports())
        if (!port->supported())
            std::fprintf(stderr, "skipped port %s: needs %s\n", port->name, port->needs);
    const char* const required = std::getenv("HEADROOM_REQUIRE_PORTS");
    const int missing = required == nullptr ? 0 : missing_ports(required);
    return failed != 0 || missing != 0 ? 1 : 0;
}
