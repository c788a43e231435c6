// headroom_bench --report: measures shapes on one port and tells `headroom bench` of it, in lines
// of JSON on stdout. People read what that makes of them.
//
//   {"event": "machine", ...}    once: compiler, core, caches
//   {"event": "peer", ...}       for each peer: its version, or why it is skipped
//   {"event": "bandwidth", ...}  once: bytes per second of each level
//   {"event": "begin", "shape"}, {"event": "progress", "share"}, {"event": "note", "text"},
//   {"event": "result", ...}     for each shape
//   {"event": "features", ...}   features.hpp, and
//   {"event": "growth", ...}     growth.hpp, if they are wanted, each after a "begin" of that name
//   {"event": "error", "text"}   the last line, if something is wrong; exit code 2
#pragma once

#include "bench/case.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace bench {

struct ReportOptions {
    std::string port;
    std::vector<Shape> shapes;
    std::vector<std::string> peers;
    double seconds = 1.0;         // of measuring for each shape
    std::vector<Shape> features;  // shapes to be timed with each feature
    bool growth = false;
    std::filesystem::path powercap = "/sys/class/powercap";
};

// Returns the program's exit code.
int report(const ReportOptions& options);

}  // namespace bench
