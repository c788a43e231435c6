// headroom_bench: Google Benchmark's options, --check[=mark], --cores[=number], or --report for
// `headroom bench` (see README.md).
#include "bench/compare.hpp"
#include "bench/cores.hpp"
#include "bench/peer_modules.hpp"
#include "bench/report.hpp"
#include "tools/user_error.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <optional>
#include <sstream>

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
        contest_.emplace(*case_, port_, sides);
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

// The text behind "option=", or null if the argument is another one.
const char* value_of(const char* argument, const char* option) {
    const std::size_t n = std::strlen(option);
    return std::strncmp(argument, option, n) == 0 ? argument + n : nullptr;
}

CheckOptions check_options(int argc, char** argv) {
    CheckOptions options;
    for (int i = 1; i < argc; ++i) {
        if (const char* text = value_of(argv[i], "--check="))
            options.mark = std::strtod(text, nullptr);
        if (const char* text = value_of(argv[i], "--seconds="))
            options.seconds = std::strtod(text, nullptr);
        if (const char* text = value_of(argv[i], "--only=")) options.only = text;
    }
    return options;
}

CoresOptions cores_options(int argc, char** argv) {
    CoresOptions options;
    for (int i = 1; i < argc; ++i) {
        if (const char* text = value_of(argv[i], "--cores=")) options.cores = std::atoi(text);
        if (const char* text = value_of(argv[i], "--seconds="))
            options.seconds = std::strtod(text, nullptr);
        if (const char* text = value_of(argv[i], "--only=")) options.only = text;
    }
    return options;
}

ReportOptions report_options(int argc, char** argv) {
    ReportOptions options;
    for (int i = 1; i < argc; ++i) {
        if (const char* text = value_of(argv[i], "--port=")) options.port = text;
        if (const char* text = value_of(argv[i], "--shape="))
            options.shapes.push_back(headroom::tools::shape_of_word(text));
        if (const char* text = value_of(argv[i], "--peers=")) {
            std::istringstream names(text);
            for (std::string name; std::getline(names, name, ',');) options.peers.push_back(name);
        }
        if (const char* text = value_of(argv[i], "--seconds="))
            options.seconds = std::strtod(text, nullptr);
        if (const char* text = value_of(argv[i], "--powercap=")) options.powercap = text;
        if (std::strcmp(argv[i], "--growth") == 0) options.growth = true;
    }
    if (options.peers == std::vector<std::string>{"all"}) options.peers = known_peers();
    return options;
}

int run(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        if (value_of(argv[i], "--check") != nullptr) return check(check_options(argc, argv));
        if (value_of(argv[i], "--cores") != nullptr) return cores(cores_options(argc, argv));
        if (std::strcmp(argv[i], "--report") == 0) return report(report_options(argc, argv));
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    if (find_yardstick("x86_avx2") == nullptr)
        std::fprintf(stderr, "comparison skipped: built without HEADROOM_YARDSTICK\n");
    std::vector<std::unique_ptr<PortCase>> all;
    register_all(all);
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
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
