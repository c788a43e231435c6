// The clock of all benchmarks.
#pragma once

namespace bench {

// Seconds that this thread has run: what other programs took away in between does not count.
double thread_seconds();

// Seconds on a clock on the wall, from some moment on.
double wall_seconds();

// Seconds of all threads of this program together.
double process_seconds();

// Seconds of this thread that the work takes. A virtual machine takes back what its host gave to
// others in the meantime, so this clock may stand still for a moment: then the work is done again.
template <class Work>
double seconds_of_work(Work work) {
    while (true) {
        const double start = thread_seconds();
        work();
        const double seconds = thread_seconds() - start;
        if (seconds > 0.0) return seconds;
    }
}

}  // namespace bench
