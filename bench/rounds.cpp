#include "bench/rounds.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>

namespace bench {
namespace {

constexpr const char* kPeak = "peak";
constexpr const char* kBandwidth = "bandwidth";

// Takes the aggregates over all repetitions; prints nothing.
class Collector : public benchmark::BenchmarkReporter {
public:
    explicit Collector(Rounds& rounds) : rounds_(rounds) {}

    bool ReportContext(const Context&) override { return true; }
    void ReportRuns(const std::vector<Run>& runs) override {
        for (const Run& run : runs) {
            if (run.aggregate_name == "median") take_medians(run);
            if (run.aggregate_name == "quartiles") rounds_.spread = run.real_accumulated_time;
        }
    }

private:
    void take_medians(const Run& run) {
        rounds_.ours = run.GetAdjustedRealTime();
        for (const auto& [name, counter] : run.counters) {
            if (name == kPeak)
                rounds_.peak = counter.value;
            else if (name == kBandwidth)
                rounds_.bandwidth = counter.value;
            else
                rounds_.peers.emplace_back(name, counter.value);
        }
    }

    Rounds& rounds_;
};

class Progress {
public:
    Progress(int of, const std::function<void(double)>& tell) : of_(of), tell_(tell) {}
    void advance() {
        ++done_;
        const auto now = Clock::now();
        if (now - last_ < std::chrono::milliseconds(200)) return;
        last_ = now;
        tell_(static_cast<double>(done_) / of_);
    }

private:
    using Clock = std::chrono::steady_clock;
    int done_ = 0, of_;
    Clock::time_point last_ = Clock::now();
    const std::function<void(double)>& tell_;
};

}  // namespace

Rounds run_rounds(Contest& contest, const std::string& name, double seconds,
                  const std::function<void(double)>& progress) {
    Rounds rounds;
    rounds.count = static_cast<int>(std::clamp(seconds / contest.round_seconds(), 5.0, 5000.0));
    Progress told(rounds.count, progress);
    benchmark::RegisterBenchmark(name.c_str(),
                                 [&](benchmark::State& state) {
                                     Slice slice;
                                     for (auto _ : state) {
                                         slice = contest.round();
                                         state.SetIterationTime(slice.sides[0]);
                                     }
                                     state.counters[kPeak] = slice.peak;
                                     state.counters[kBandwidth] = slice.bandwidth;
                                     for (std::size_t i = 1; i < slice.sides.size(); ++i)
                                         state.counters[contest.sides()[i].name] = slice.sides[i];
                                     told.advance();
                                 })
        ->UseManualTime()
        ->Unit(benchmark::kSecond)
        ->Iterations(1)
        ->Repetitions(rounds.count)
        ->ReportAggregatesOnly(true)
        ->ComputeStatistics(
            "quartiles", [](const std::vector<double>& all) { return spread(all); },
            benchmark::kPercentage);
    Collector collector(rounds);
    benchmark::RunSpecifiedBenchmarks(&collector, ".*");
    benchmark::ClearRegisteredBenchmarks();
    return rounds;
}

}  // namespace bench
