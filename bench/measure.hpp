// Timing: short slices of the two sides in turn, in one thread, so that both meet the same clock
// rate and the same neighbours, and a disturbance spoils one pair and not the result.
#pragma once

#include "bench/case.hpp"

#include <vector>

namespace bench {

// Seconds of one call, and floating-point operations per second.
struct Slice {
    double ours = 0.0;
    double yardstick = 0.0;  // 0: there is none
    double peak = 0.0;       // 0: not known for this port
};

class Pair {
public:
    // Warms up and chooses how many calls make a slice. `with` may be null.
    Pair(Case& subject, const headroom::Port& port, const Yardstick* with);

    // The largest difference between the two outputs, relative to the largest output.
    double difference() const;

    // One slice of each side; which goes first changes with every slice.
    Slice slice();

private:
    double ours();
    double yardstick();

    Case& subject_;
    const headroom::Port& port_;
    const Yardstick* with_;
    int calls_ = 1;
    bool ours_first_ = false;
};

// Medians over all slices, each by itself; the ratio is the median of the slices' ratios yardstick
// / ours.
struct Summary {
    Slice median;
    Slice best;  // the shortest times, the highest peak
    double ratio = 0.0;
};
Summary summarise(const std::vector<Slice>& slices);

// Fused multiply-adds of a port's vectors as fast as they go, two operations each; 0 if not known.
double measure_peak(const char* port);

// Seconds that this thread has run: what other programs took away in between does not count.
double thread_seconds();

}  // namespace bench
