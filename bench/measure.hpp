// Timing: short slices of all sides in turn, in one thread, so that all meet the same clock rate
// and the same neighbours, and a disturbance spoils one round and not the result.
#pragma once

#include "bench/case.hpp"

#include <span>
#include <string>
#include <vector>

namespace bench {

// How many calls fill so many seconds: one at least. A call may be over before a coarse clock
// moves, and a slice is not to be without end.
int calls_within(double seconds, double seconds_of_one);

// A side of a contest. It may be called any number of times.
struct Side {
    std::string name;
    Job* job;
};

// Ours and the yardstick's calls of a case, as sides.
class OurJob : public Job {
public:
    OurJob(Case& subject, const headroom::Port& port) : subject_(subject), port_(port) {}
    void run() override { subject_.ours(port_); }

private:
    Case& subject_;
    const headroom::Port& port_;
};
class YardstickJob : public Job {
public:
    YardstickJob(Case& subject, const Yardstick& with) : subject_(subject), with_(with) {}
    void run() override { subject_.yardstick(with_); }

private:
    Case& subject_;
    const Yardstick& with_;
};

// Of one round: seconds of one call of each side, floating-point operations and bytes per second.
struct Slice {
    std::vector<double> sides;
    double peak = 0.0;       // 0: not known for this port
    double bandwidth = 0.0;  // of reading the same data; 0: not known
};

class Contest {
public:
    // Warms up and chooses how many calls of each side make a slice. `data` is what the bandwidth
    // is measured on; empty: it is not.
    Contest(const headroom::Port& port, std::vector<Side> sides,
            std::vector<std::span<const float>> data = {});

    // One slice of each side; who goes first changes with every round.
    Slice round();

    // Seconds that a round takes, of this thread.
    double round_seconds() const;

    // Sides that kept other threads busy: the clock of this thread would flatter them.
    const std::vector<std::string>& threaded() const { return threaded_; }

    const std::vector<Side>& sides() const { return sides_; }

private:
    // How a slice of a side is made up.
    struct Plan {
        int calls = 1, series_calls = 0;
        bool ahead = false, series_ahead = false;  // one in advance
        double seconds = 0.0;                      // of the slice
    };
    static Plan plan(Job& job);
    double time(std::size_t side);
    double read_data() const;

    const headroom::Port& port_;
    std::vector<Side> sides_;
    std::vector<Plan> plans_;
    std::vector<std::string> threaded_;
    std::vector<std::span<const float>> data_;
    std::size_t first_ = 0;
};

double median(std::vector<double> all);

// Half of the distance between the quartiles, in proportion to the median.
double spread(std::vector<double> all);

// The largest difference of two outputs, in proportion to the largest of the second.
double difference(std::span<const float> a, std::span<const float> b);

}  // namespace bench
