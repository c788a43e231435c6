// headroom_conformance [--strict] [--port NAME] [--tool PROGRAM] [--list FILE] DIR...: runs the
// conformance cases below the folders. Exit codes: 0 every case passed or was skipped, 1 a case
// failed or there was none, or the tool passed none, 2 wrong usage.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "conformance/runner.hpp"

namespace {

using headroom::Port;
using headroom::conformance::IllConditioned;

constexpr int wrong_usage = 2;

constexpr const char* usage =
    "usage: headroom_conformance [--strict] [--port NAME] [--tool PROGRAM] [--list FILE] DIR...\n"
    "Runs every case (a folder with case.json) below the folders on every port that this\n"
    "processor supports, or on one, and compares the ports' bits.\n"
    "--strict: fail a case whose output is beyond its tolerance even if moving the inputs by\n"
    "one float moves it as far.\n"
    "--tool: let this program, the command line tool, compute the cases of ai.onnx.Attention\n"
    "through a shell; the others are skipped.\n"
    "--list: only the cases that this file names, one in each line.\n";

struct Arguments {
    std::vector<std::filesystem::path> folders;
    std::string port;
    std::filesystem::path tool;
    std::filesystem::path list;
    bool strict = false;
    bool valid = true;
};

Arguments parse(int argc, char** argv) {
    Arguments arguments;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "--port" && i + 1 < argc) {
            arguments.port = argv[++i];
        } else if (word == "--tool" && i + 1 < argc) {
            arguments.tool = argv[++i];
        } else if (word == "--list" && i + 1 < argc) {
            arguments.list = argv[++i];
        } else if (word == "--strict") {
            arguments.strict = true;
        } else if (word.starts_with("--port=")) {
            arguments.port = word.substr(7);
        } else if (word.starts_with("-")) {
            arguments.valid = false;
        } else {
            arguments.folders.emplace_back(word);
        }
    }
    if (arguments.folders.empty()) arguments.valid = false;
    return arguments;
}

// The ports to test: the one named, or all that this processor supports; prints the others.
std::vector<const Port*> choose_ports(const std::string& name) {
    std::vector<const Port*> chosen;
    if (!name.empty()) {
        const Port* const port = headroom::find_port(name.c_str());
        if (port == nullptr) {
            std::cerr << "headroom_conformance: this build has no port " << name << '\n';
        } else if (!port->supported()) {
            std::cerr << "headroom_conformance: port " << name << " needs " << port->needs << '\n';
        } else {
            chosen.push_back(port);
        }
        return chosen;
    }
    for (const Port* port : headroom::ports()) {
        if (port->supported()) {
            chosen.push_back(port);
        } else {
            std::cout << "skipped port " << port->name << ": needs " << port->needs << '\n';
        }
    }
    return chosen;
}

// HEADROOM_REQUIRE_PORTS=a,b: a port of these that is not tested is a failure.
int missing_ports(const std::vector<const Port*>& tested) {
    const char* const names = std::getenv("HEADROOM_REQUIRE_PORTS");
    std::istringstream list(names == nullptr ? "" : names);
    int missing = 0;
    for (std::string name; std::getline(list, name, ',');) {
        bool found = name.empty();
        for (const Port* port : tested) found = found || name == port->name;
        if (found) continue;
        std::cout << "required port " << name << " was not tested\n";
        ++missing;
    }
    return missing;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const Arguments arguments = parse(argc, argv);
        if (!arguments.valid) {
            std::cerr << usage;
            return wrong_usage;
        }
        const std::vector<const Port*> ports = choose_ports(arguments.port);
        if (ports.empty()) return wrong_usage;

        std::cout << "ports:";
        for (const Port* port : ports) std::cout << ' ' << port->name;
        std::cout << '\n';
        const auto if_ill_conditioned =
            arguments.strict ? IllConditioned::fail : IllConditioned::tell;
        const auto summary =
            headroom::conformance::run_folders(arguments.folders, ports, if_ill_conditioned,
                                               std::cout, arguments.tool, arguments.list);
        const bool found_any = summary.passed + summary.failed + summary.skipped > 0;
        if (!found_any) std::cout << "no case was found\n";
        // A tool that computes nothing has shown nothing.
        const bool idle = !arguments.tool.empty() && summary.passed == 0;
        const int missing = arguments.port.empty() ? missing_ports(ports) : 0;
        return summary.failed == 0 && found_any && !idle && missing == 0 ? 0 : 1;
    } catch (const std::exception& error) {
        std::cerr << "headroom_conformance: " << error.what() << '\n';
        return 1;
    }
}
