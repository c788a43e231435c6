#include "bench/compare.hpp"

#include "bench/clock.hpp"
#include "bench/reference.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace bench {
namespace {

struct Medians {
    double ours, best, yardstick, yardstick_best, peak, ratio;
};

Medians run(Contest& contest, double seconds) {
    std::vector<double> ours, yardstick, peak, ratio;
    for (const double stop = thread_seconds() + seconds;
         ours.size() < 9 || thread_seconds() < stop;) {
        const Slice slice = contest.round();
        ours.push_back(slice.sides[0]);
        yardstick.push_back(slice.sides[1]);
        peak.push_back(slice.peak);
        ratio.push_back(slice.sides[1] / slice.sides[0]);
    }
    return {median(ours),      *std::min_element(ours.begin(), ours.end()),
            median(yardstick), *std::min_element(yardstick.begin(), yardstick.end()),
            median(peak),      median(ratio)};
}

// Returns whether the shape is fast enough in one of the tries.
bool check_one(Case& subject, const headroom::Port& port, const Yardstick& with,
               const CheckOptions& options) {
    OurJob ours(subject, port);
    YardstickJob yardstick(subject, with);
    Contest contest(port, {{"ours", &ours}, {"yardstick", &yardstick}}, subject.data());
    expect_agreement(subject);
    for (int i = 0; i < options.tries; ++i) {
        const Medians m = run(contest, options.seconds);
        const bool fast_enough = m.ratio >= options.mark - options.mark * options.slack;
        const double share = m.peak > 0.0 ? 100.0 * subject.flops() / m.ours / m.peak : 0.0;
        std::printf("%-17s %-12s %10.3f %10.3f %10.3f %10.3f %7.1f %5.1f%% %7.3f%s\n",
                    subject.name().c_str(), port.name, 1e6 * m.ours, 1e6 * m.best,
                    1e6 * m.yardstick, 1e6 * m.yardstick_best, 1e-9 * subject.flops() / m.ours,
                    share, m.ratio,
                    m.ratio >= options.mark ? ""
                    : fast_enough           ? "  below the mark"
                                            : "  too slow");
        std::fflush(stdout);
        if (fast_enough) return true;
    }
    return false;
}

}  // namespace

void expect_agreement(const Case& subject) {
    const double apart = difference(subject.our_output(), subject.yardstick_output());
    if (apart < agreement) return;
    std::fprintf(stderr, "%s: the outputs differ by %.3g of the largest\n", subject.name().c_str(),
                 apart);
    std::exit(1);
}

int check(const CheckOptions& options) {
    bool compared = false, good = true;
    std::printf("%-17s %-12s %10s %10s %10s %10s %7s %6s %7s\n", "shape", "port", "us", "best",
                "yardstick", "best", "GFLOP/s", "peak", "ratio");
    for (const Shape& shape : headroom::tools::named_bench_shapes()) {
        if (shape.name.find(options.only) == std::string::npos) continue;
        const std::unique_ptr<Case> subject = make_case(shape);
        if (!subject->fits_yardstick()) continue;
        for (const headroom::Port* port : headroom::ports()) {
            const Yardstick* with = find_yardstick(port->name);
            if (with == nullptr || !port->supported()) continue;
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
