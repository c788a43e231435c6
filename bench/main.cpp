// headroom_bench: Google Benchmark's options, or one of --check, --cores and, for `headroom bench`,
// --report (see README.md and --help).
#include "bench/options.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace bench {
namespace {

// Each repetition is one slice of ours and one of the yardstick, and Google Benchmark's own
// aggregates are over those: its median is the median over interleaved slices.
void time_case(benchmark::State& state, Contest& contest, const Case& subject) {
    Slice s;
    for (auto _ : state) {
        s = contest.round();
        state.SetIterationTime(s.sides[0]);
    }
    state.counters["GFLOP/s"] = 1e-9 * subject.flops() / s.sides[0];
    if (s.peak > 0.0) state.counters["peak%"] = 100.0 * subject.flops() / s.sides[0] / s.peak;
    if (s.sides.size() > 1) {
        state.counters["yardstick_us"] = 1e6 * s.sides[1];
        state.counters["ratio"] = s.sides[1] / s.sides[0];
    }
}

// A case on a port, made when its turn comes.
class PortCase {
public:
    PortCase(const Shape& shape, const headroom::Port& port) : shape_(shape), port_(port) {}

    void time(benchmark::State& state) {
        if (!contest_) prepare();
        time_case(state, *contest_, *case_);
    }

private:
    void prepare() {
        case_ = make_case(shape_);
        ours_ = std::make_unique<OurJob>(*case_, port_);
        std::vector<Side> sides{{"ours", ours_.get()}};
        const Yardstick* const with = find_yardstick(port_.name);
        if (with != nullptr && case_->fits_yardstick()) {
            yardstick_ = std::make_unique<YardstickJob>(*case_, *with);
            sides.push_back({"yardstick", yardstick_.get()});
        }
        contest_.emplace(port_, sides, case_->data());
        if (yardstick_ != nullptr) expect_agreement(*case_);
    }

    Shape shape_;
    const headroom::Port& port_;
    std::unique_ptr<Case> case_;
    std::unique_ptr<Job> ours_, yardstick_;
    std::optional<Contest> contest_;
};

void register_all(std::vector<std::unique_ptr<PortCase>>& all) {
    for (const headroom::Port* port : headroom::ports()) {
        if (!port->supported()) continue;
        for (const Shape& shape : headroom::tools::named_bench_shapes()) {
            PortCase& one = *all.emplace_back(std::make_unique<PortCase>(shape, *port));
            const double flops = 2.0 * headroom::tools::multiply_adds(shape);
            benchmark::RegisterBenchmark((shape.name + "/" + port->name).c_str(),
                                         [&one](benchmark::State& state) { one.time(state); })
                ->UseManualTime()
                ->Unit(benchmark::kMicrosecond)
                ->Iterations(1)
                ->Repetitions(flops > 1e9 ? 15 : 101)
                ->ReportAggregatesOnly(true)
                ->ComputeStatistics("min", [](const std::vector<double>& times) {
                    return *std::min_element(times.begin(), times.end());
                });
        }
    }
}

int run_google(const char* program, const GoogleOptions& options) {
    std::vector<std::string> words{program};
    words.insert(words.end(), options.words.begin(), options.words.end());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    int count = static_cast<int>(arguments.size());
    benchmark::Initialize(&count, arguments.data());
    if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 2;
    if (find_yardstick("x86_avx2") == nullptr)
        std::fprintf(stderr, "comparison skipped: built without HEADROOM_YARDSTICK\n");
    std::vector<std::unique_ptr<PortCase>> all;
    register_all(all);
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}

int run(int argc, char** argv) {
    const Options options = parse_options(argc, argv);
    if (const auto* const task = std::get_if<CheckOptions>(&options)) return check(*task);
    if (const auto* const task = std::get_if<CoresOptions>(&options)) return cores(*task);
    if (const auto* const task = std::get_if<ReportOptions>(&options)) return report(*task);
    if (const auto* const help = std::get_if<ShowHelp>(&options)) {
        std::printf("%s\n", help->text.c_str());
        benchmark::PrintDefaultHelp();
        return 0;
    }
    return run_google(argv[0], std::get<GoogleOptions>(options));
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
    try {
        return bench::run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "headroom_bench: %s\n", error.what());
        return 2;
    }
}
