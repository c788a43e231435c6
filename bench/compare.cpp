#include "bench/compare.hpp"

#include <cstdio>
#include <cstring>

namespace bench {
namespace {

constexpr double kAgreement = 1e-4;

Summary run(Pair& pair, double seconds) {
    std::vector<Slice> slices;
    for (const double stop = thread_seconds() + seconds;
         slices.size() < 9 || thread_seconds() < stop;) {
        slices.push_back(pair.slice());
    }
    return summarise(slices);
}

// Returns whether the shape is fast enough in one of the tries.
bool check_one(Case& subject, const headroom::Port& port, const Yardstick& with,
               const CheckOptions& options) {
    Pair pair(subject, port, &with);
    expect_agreement(pair, subject.name());
    for (int i = 0; i < options.tries; ++i) {
        const Summary s = run(pair, options.seconds);
        const bool fast_enough = s.ratio >= options.mark - options.mark * options.slack;
        const double share =
            s.median.peak > 0.0 ? 100.0 * subject.flops() / s.median.ours / s.median.peak : 0.0;
        std::printf("%-16s %-12s %10.3f %10.3f %10.3f %10.3f %7.1f %5.1f%% %7.3f%s\n",
                    subject.name().c_str(), port.name, 1e6 * s.median.ours, 1e6 * s.best.ours,
                    1e6 * s.median.yardstick, 1e6 * s.best.yardstick,
                    1e-9 * subject.flops() / s.median.ours, share, s.ratio,
                    s.ratio >= options.mark ? ""
                    : fast_enough           ? "  below the mark"
                                            : "  too slow");
        std::fflush(stdout);
        if (fast_enough) return true;
    }
    return false;
}

}  // namespace

void expect_agreement(const Pair& pair, const std::string& name) {
    const double apart = pair.difference();
    if (apart < kAgreement) return;
    std::fprintf(stderr, "%s: the outputs differ by %.3g of the largest\n", name.c_str(), apart);
    std::exit(1);
}

int check(std::span<const std::unique_ptr<Case>> cases, const CheckOptions& options) {
    bool compared = false, good = true;
    std::printf("%-16s %-12s %10s %10s %10s %10s %7s %6s %7s\n", "shape", "port", "us", "best",
                "yardstick", "best", "GFLOP/s", "peak", "ratio");
    for (const headroom::Port* port : headroom::ports()) {
        const Yardstick* with = find_yardstick(port->name);
        if (with == nullptr || !port->supported()) continue;
        for (const auto& subject : cases) {
            if (std::strstr(subject->name().c_str(), options.only) == nullptr) continue;
            compared = true;
            good = check_one(*subject, *port, *with, options) && good;
        }
    }
    if (!compared) {
        std::printf(
            "skipped: built without HEADROOM_YARDSTICK, there is nothing to compare with\n");
        return 77;
    }
    std::printf(good ? "no shape is below %.2f of the yardstick's speed by more than %.0f %%\n"
                     : "FAILED: below %.2f of the yardstick's speed by more than %.0f %%\n",
                options.mark, 100.0 * options.slack);
    return good ? 0 : 1;
}

}  // namespace bench
