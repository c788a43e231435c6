#include "bench/measure.hpp"

#include "bench/clock.hpp"
#include "bench/machine_loops.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>

namespace bench {
namespace {

constexpr double kSliceSeconds = 3e-4;
constexpr double kAheadSeconds = 0.01;
constexpr double kReadSeconds = 1e-4;
constexpr double kPeakSeconds = 1e-4;  // of measure_peak(), about

// Of one call.
double seconds_of(int calls, Job& job, void (Job::*call)() = &Job::run) {
    const auto work = [&] {
        for (int i = 0; i < calls; ++i) {
            (job.*call)();
            benchmark::ClobberMemory();  // outputs are read by somebody, inputs may have changed
        }
    };
    return seconds_of_work(work) / calls;
}

// Whether a call in advance is worth its time: it brings a side's own data back into the caches
// from which the others have driven them, for one call as for a series. Where a call is longer,
// that is no matter.
bool is_short(double seconds_of_one) { return seconds_of_one < kAheadSeconds; }

double shortest_of_three(Job& job, void (Job::*call)()) {
    (job.*call)();
    return std::min({seconds_of(1, job, call), seconds_of(1, job, call), seconds_of(1, job, call)});
}

double at_share(std::vector<double>& all, double share) {
    const auto at = all.begin() +
                    static_cast<std::ptrdiff_t>(share * static_cast<double>(all.size() - 1) + 0.5);
    std::nth_element(all.begin(), at, all.end());
    return *at;
}

}  // namespace

int calls_within(double seconds, double seconds_of_one) {
    constexpr double kLeastSeconds = 1e-8;
    return std::max(1, static_cast<int>(seconds / std::max(seconds_of_one, kLeastSeconds)));
}

Contest::Contest(const headroom::Port& port, std::vector<Side> sides,
                 std::vector<std::span<const float>> data)
    : port_(port), sides_(std::move(sides)), data_(std::move(data)) {
    for (const Side& side : sides_) {
        const double process = process_seconds(), thread = thread_seconds();
        plans_.push_back(plan(*side.job));
        const double all = process_seconds() - process, own = thread_seconds() - thread;
        if (all > 1.2 * own + 1e-4) threaded_.push_back(side.name);
    }
}

Contest::Plan Contest::plan(Job& job) {
    Plan plan;
    const double once = shortest_of_three(job, &Job::run);
    plan.calls = calls_within(kSliceSeconds, once);
    plan.ahead = is_short(once);
    plan.seconds = once * (plan.calls + (plan.ahead ? 1 : 0));
    if (job.more_in_series() == 0) return plan;
    const double series = shortest_of_three(job, &Job::run_series);
    plan.series_calls = calls_within(kSliceSeconds, series);
    plan.series_ahead = is_short(series);
    plan.seconds += series * (plan.series_calls + (plan.series_ahead ? 1 : 0));
    return plan;
}

double Contest::time(std::size_t side) {
    Job& job = *sides_[side].job;
    const Plan& plan = plans_[side];
    if (plan.ahead) job.run();
    const double once = seconds_of(plan.calls, job);
    if (plan.series_calls == 0) return once;
    if (plan.series_ahead) job.run_series();
    return (seconds_of(plan.series_calls, job, &Job::run_series) - once) / job.more_in_series();
}

// Bytes per second of reading the case's data again and again, after once in advance.
double Contest::read_data() const {
    std::size_t bytes = 0;
    const auto once = [&] {
        bytes = 0;
        bool known = true;
        for (const std::span<const float> part : data_) {
            const std::size_t whole = part.size_bytes() / 512 * 512;
            known = known && read_all(port_.name, part.data(), whole);
            bytes += whole;
        }
        return known;
    };
    if (!once() || bytes == 0) return 0.0;
    int times = 0;
    const double start = thread_seconds();
    double now = start;
    // The clock costs as much as reading a few kilobytes, so it is asked seldom.
    for (int chunk = bytes < 100'000 ? 16 : 1; now - start < kReadSeconds; now = thread_seconds()) {
        for (int i = 0; i < chunk; ++i) once();
        times += chunk;
    }
    return static_cast<double>(bytes) * times / (now - start);
}

Slice Contest::round() {
    Slice slice;
    slice.peak = measure_peak(port_.name);
    slice.bandwidth = read_data();
    slice.sides.resize(sides_.size());
    for (std::size_t i = 0; i < sides_.size(); ++i) {
        const std::size_t side = (first_ + i) % sides_.size();
        slice.sides[side] = time(side);
    }
    first_ = (first_ + 1) % sides_.size();
    return slice;
}

double Contest::round_seconds() const {
    double seconds = kPeakSeconds + (data_.empty() ? 0.0 : kReadSeconds);
    for (const Plan& plan : plans_) seconds += plan.seconds;
    return seconds;
}

double median(std::vector<double> all) { return all.empty() ? 0.0 : at_share(all, 0.5); }

double spread(std::vector<double> all) {
    if (all.empty()) return 0.0;
    const double low = at_share(all, 0.25), high = at_share(all, 0.75);
    return 0.5 * (high - low) / at_share(all, 0.5);
}

double difference(std::span<const float> a, std::span<const float> b) {
    double most = 0.0, largest = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double apart = std::fabs(double{a[i]} - double{b[i]});
        if (!(apart <= most)) most = apart;  // NaN counts as different
        largest = std::max(largest, std::fabs(double{b[i]}));
    }
    return most / largest;
}

}  // namespace bench
