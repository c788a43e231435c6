#include "bench/cores.hpp"

#include "bench/clock.hpp"
#include "bench/machine_loops.hpp"
#include "bench/measure.hpp"
#include "bench/system.hpp"

#include <headroom/thread_pool.hpp>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace bench {
namespace {

constexpr double kSliceSeconds = 1e-3;

// The same call on one core and on several.
struct Pair {
    Pair(const Shape& shape, const headroom::Executor& executor)
        : one(make_case(shape)), several(make_case(shape, &executor)) {}

    bool same_bits(const headroom::Port& port) {
        one->ours(port);
        several->ours(port);
        const auto a = one->our_output(), b = several->our_output();
        return std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
    }

    std::unique_ptr<Case> one, several;
};

double seconds_of_calls(Case& subject, const headroom::Port& port, int calls) {
    const double start = wall_seconds();
    for (int i = 0; i < calls; ++i) subject.ours(port);
    return (wall_seconds() - start) / calls;
}

// What the machine gives at most: loops of nothing but multiply-adds, one core's against all. Cores
// share power, and those of a virtual machine may be halves of one.
void measure_machine(const headroom::Executor& executor, const headroom::Port& port,
                     double seconds) {
    if (measure_peak(port.name) == 0.0) return;
    const auto loops = [](void* name, int, int) {
        for (int i = 0; i < 40; ++i) measure_peak(static_cast<const char*>(name));
    };
    const auto time = [&](auto work) {
        const double start = wall_seconds();
        work();
        return wall_seconds() - start;
    };
    void* const name = const_cast<char*>(port.name);
    std::vector<double> ratio;
    for (const double stop = wall_seconds() + seconds; ratio.size() < 9 || wall_seconds() < stop;) {
        const double one = time([&] { loops(name, 0, 0); });
        const double all =
            time([&] { executor.run(executor.context, executor.workers, loops, name); });
        ratio.push_back(executor.workers * one / all);
    }
    std::printf("%-17s %-12s %10s %10s %6.2fx\n", "multiply-adds", port.name, "", "",
                median(ratio));
}

void measure(Pair& pair, const headroom::Port& port, double seconds) {
    const double once = seconds_of_calls(*pair.one, port, 1);
    const int calls = calls_within(kSliceSeconds, once);
    std::vector<double> one, several, ratio;
    // A call in advance, as everywhere: it also wakes threads that went to sleep meanwhile.
    const auto time = [&](Case& subject) {
        subject.ours(port);
        return seconds_of_calls(subject, port, calls);
    };
    for (const double stop = wall_seconds() + seconds; one.size() < 9 || wall_seconds() < stop;) {
        one.push_back(time(*pair.one));
        several.push_back(time(*pair.several));
        ratio.push_back(one.back() / several.back());
    }
    std::printf("%-17s %-12s %10.3f %10.3f %6.2fx\n", pair.one->name().c_str(), port.name,
                1e6 * median(one), 1e6 * median(several), median(ratio));
    std::fflush(stdout);
}

}  // namespace

int cores(const CoresOptions& options) {
    const std::vector<int> usable = usable_cores();
    if (static_cast<int>(usable.size()) < options.cores) {
        std::printf("skipped: this process may use %d of %d cores\n",
                    static_cast<int>(usable.size()), options.cores);
        return 77;
    }
    // The pool's threads inherit where they may run.
    if (usable.size() > 1) pin_to(std::span(usable).first(usable.size() - 1));
    headroom::ThreadPool pool;
    if (const int error = pool.start(options.cores); error != 0)
        throw std::runtime_error("--cores=" + std::to_string(options.cores) + ": " +
                                 std::strerror(error));
    pin_to({&usable.back(), 1});
    const headroom::Port& port = headroom::best_port();
    std::printf("%-17s %-12s %10s %7d us %7s\n", "shape", "port", "1 core us", options.cores,
                "ratio");
    measure_machine(pool.executor(), port, options.seconds);
    for (const Shape& shape : headroom::tools::named_bench_shapes()) {
        if (shape.name.find(options.only) == std::string::npos) continue;
        Pair pair(shape, pool.executor());
        if (!pair.same_bits(port)) {
            std::fprintf(stderr, "%s: the outputs differ\n", shape.name.c_str());
            return 1;
        }
        measure(pair, port, options.seconds);
    }
    return 0;
}

}  // namespace bench
