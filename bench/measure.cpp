#include "bench/measure.hpp"

#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <cmath>

namespace bench {
namespace {

constexpr double kSliceSeconds = 3e-4;

template <class Call>
double seconds_of(int calls, Call call) {
    const double start = thread_seconds();
    for (int i = 0; i < calls; ++i) {
        call();
        benchmark::
            ClobberMemory();  // the outputs are read by somebody, the inputs may have changed
    }
    return (thread_seconds() - start) / calls;
}

double median(std::vector<double> all) {
    if (all.empty()) return 0.0;
    const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
    std::nth_element(all.begin(), middle, all.end());
    return *middle;
}

}  // namespace

double thread_seconds() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

Pair::Pair(Case& subject, const headroom::Port& port, const Yardstick* with)
    : subject_(subject), port_(port), with_(with) {
    ours();
    if (with_ != nullptr) yardstick();
    const double once = std::min({ours(), ours(), ours()});
    calls_ = std::max(1, static_cast<int>(kSliceSeconds / once));
}

double Pair::difference() const {
    double most = 0.0, largest = 0.0;
    const auto a = subject_.our_output(), b = subject_.yardstick_output();
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double apart = std::fabs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
        if (!(apart <= most)) most = apart;  // NaN counts as different
        largest = std::max(largest, std::fabs(static_cast<double>(b[i])));
    }
    return most / largest;
}

double Pair::ours() {
    return seconds_of(calls_, [this] { subject_.ours(port_); });
}
double Pair::yardstick() {
    return seconds_of(calls_, [this] { subject_.yardstick(*with_); });
}

Slice Pair::slice() {
    Slice s;
    s.peak = measure_peak(port_.name);
    ours_first_ = !ours_first_;
    // A call in advance brings a side's own data back into the caches; a long call does that by
    // itself.
    const auto warm = [this](auto call) {
        if (calls_ > 1) call();
    };
    const auto run_ours = [&] {
        warm([this] { subject_.ours(port_); });
        s.ours = ours();
    };
    if (ours_first_) run_ours();
    if (with_ != nullptr) {
        warm([this] { subject_.yardstick(*with_); });
        s.yardstick = yardstick();
    }
    if (!ours_first_) run_ours();
    return s;
}

Summary summarise(const std::vector<Slice>& slices) {
    std::vector<double> ours, yardstick, peak, ratio;
    for (const Slice& s : slices) {
        ours.push_back(s.ours);
        yardstick.push_back(s.yardstick);
        peak.push_back(s.peak);
        ratio.push_back(s.yardstick / s.ours);
    }
    Summary summary;
    if (slices.empty()) return summary;
    summary.median = {median(ours), median(yardstick), median(peak)};
    summary.best = {*std::min_element(ours.begin(), ours.end()),
                    *std::min_element(yardstick.begin(), yardstick.end()),
                    *std::max_element(peak.begin(), peak.end())};
    summary.ratio = median(ratio);
    return summary;
}

}  // namespace bench
