// The clock of all benchmarks.
#pragma once

namespace bench {

// Seconds that this thread has run: what other programs took away in between does not count.
double thread_seconds();

// Seconds of all threads of this program together.
double process_seconds();

}  // namespace bench
