// headroom_bench --cores: how much faster is a call that is spread over several cores?
#pragma once

#include <string>

namespace bench {

struct CoresOptions {
    int cores = 2;
    double seconds = 1.0;  // of measuring for each shape
    std::string only;      // shapes whose name contains this
};

// Prints, for every shape on the best port, the times of one core and of several, in turn in the
// same run, by the clock on the wall, and their ratio; checks that the outputs are equal bit by
// bit. The threads are those of headroom::ThreadPool; the calling thread has a core of its own.
// Returns 0, 1 if bits differ, 77 if this process may not use as many cores.
int cores(const CoresOptions& options);

}  // namespace bench
