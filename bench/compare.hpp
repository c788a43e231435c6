// headroom_bench --check: is any shape slower than it should be, beside the yardstick?
#pragma once

#include "bench/measure.hpp"

#include <string>

namespace bench {

struct CheckOptions {
    double mark = 0.85;    // the least ratio yardstick time / our time
    double slack = 0.10;   // how far below the mark counts as a failure
    int tries = 3;         // a shape fails only if it is below in every one of them
    double seconds = 0.5;  // of measuring for each shape and try
    std::string only;      // shapes whose name contains this
};

// Prints the ratio of every shape and port. Returns 0, 1 if a shape failed or the outputs differ,
// 77 if there is no yardstick to compare with. There is no limit on times: only the two sides are
// compared with each other.
int check(const CheckOptions& options);

// Ends the program if the two sides do not compute the same. Both have run.
void expect_agreement(const Case& subject);

}  // namespace bench
