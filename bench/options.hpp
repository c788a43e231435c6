// The command line of headroom_bench.
#pragma once

#include "bench/compare.hpp"
#include "bench/cores.hpp"
#include "bench/report.hpp"

#include <string>
#include <variant>
#include <vector>

namespace bench {

// Words for Google Benchmark, which runs if nothing else is asked for.
struct GoogleOptions {
    std::vector<std::string> words;
};

struct ShowHelp {
    std::string text;
};

using Options = std::variant<GoogleOptions, CheckOptions, CoresOptions, ReportOptions, ShowHelp>;

// Throws UserError, naming the option, if one is unknown, malformed or without effect.
Options parse_options(int argc, char** argv);

}  // namespace bench
