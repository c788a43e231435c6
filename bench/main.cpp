// headroom_bench: Google Benchmark's options, or --check[=mark] (see README.md).
#include "bench/compare.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace bench {
namespace {

// Each repetition is one slice of ours and one of the yardstick, and Google Benchmark's own
// aggregates are over those: its median is the median over interleaved slices.
void time_case(benchmark::State& state, Pair& pair, const Case& subject) {
    Slice s;
    for (auto _ : state) {
        s = pair.slice();
        state.SetIterationTime(s.ours);
    }
    state.counters["GFLOP/s"] = 1e-9 * subject.flops() / s.ours;
    if (s.peak > 0.0) state.counters["peak%"] = 100.0 * subject.flops() / s.ours / s.peak;
    if (s.yardstick > 0.0) {
        state.counters["yardstick_us"] = 1e6 * s.yardstick;
        state.counters["ratio"] = s.yardstick / s.ours;
    }
}

void register_all(std::span<const std::unique_ptr<Case>> cases,
                  std::vector<std::unique_ptr<Pair>>& pairs) {
    for (const headroom::Port* port : headroom::ports()) {
        if (!port->supported()) continue;
        const Yardstick* with = find_yardstick(port->name);
        for (const auto& subject : cases) {
            const std::string name = subject->name() + "/" + port->name;
            const std::size_t at = pairs.size();
            pairs.emplace_back();
            benchmark::RegisterBenchmark(
                name.c_str(),
                [&pairs, at, &subject, port, with](benchmark::State& state) {
                    if (pairs[at] == nullptr) {
                        pairs[at] = std::make_unique<Pair>(*subject, *port, with);
                        if (with != nullptr) expect_agreement(*pairs[at], subject->name());
                    }
                    time_case(state, *pairs[at], *subject);
                })
                ->UseManualTime()
                ->Unit(benchmark::kMicrosecond)
                ->Iterations(1)
                ->Repetitions(subject->flops() > 1e9 ? 15 : 101)
                ->ReportAggregatesOnly(true)
                ->ComputeStatistics("min", [](const std::vector<double>& all) {
                    return *std::min_element(all.begin(), all.end());
                });
        }
    }
}

bool read_number(const char* text, const char* option, double& to) {
    const std::size_t n = std::strlen(option);
    if (std::strncmp(text, option, n) != 0) return false;
    to = std::strtod(text + n, nullptr);
    return true;
}

int run(int argc, char** argv) {
    std::vector<std::unique_ptr<Case>> cases = attend_cases();
    for (auto& layer : layer_cases()) cases.push_back(std::move(layer));

    CheckOptions options;
    bool checking = false;
    for (int i = 1; i < argc; ++i) {
        checking = checking || std::strncmp(argv[i], "--check", 7) == 0;
        read_number(argv[i], "--check=", options.mark);
        read_number(argv[i], "--seconds=", options.seconds);
        if (std::strncmp(argv[i], "--only=", 7) == 0) options.only = argv[i] + 7;
    }
    if (checking) return check(cases, options);

    std::vector<std::unique_ptr<Pair>> pairs;
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    if (find_yardstick("x86_avx2") == nullptr) {
        std::fprintf(stderr, "comparison skipped: built without HEADROOM_YARDSTICK\n");
    }
    register_all(cases, pairs);
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv); }
