// How a call is spread over threads never changes a bit.
#include <doctest.h>

#include <headroom/headroom.hpp>

#include "support/executors.hpp"
#include "support/layer_oracle.hpp"

namespace headroom::test {
namespace {

TEST_CASE("layer threads: any number of workers, in any order") {
    int tasks = 0;
    for (int i = 0; i < repeats(40); ++i) {
        const Use use = i % 3 == 0 ? Use::self : i % 3 == 1 ? Use::ring : Use::cross;
        LayerCase c = random_case(use, 6000 + static_cast<std::uint64_t>(i), 120);
        INFO("seed " << c.seed);
        const LayerOracle oracle(c);
        for (const int workers : {1, 2, 3, 7}) {
            INFO("workers " << workers);
            Threads threads(workers);
            Shuffled shuffled(workers, c.seed);
            for (const Executor* executor : {&threads.executor(), &shuffled.executor()}) {
                LayerRun run;
                run.ports = {&some_port(i)};
                run.executor = executor;
                oracle.check(run);
            }
            tasks += threads.tasks_run() + shuffled.tasks_run();
        }
    }
    CHECK(tasks > 0);  // or this test would prove nothing
}

}  // namespace
}  // namespace headroom::test
