// The same bits whoever computes: real threads, any number of workers, any order of tasks.
#include <doctest/doctest.h>

#include "support/bits.hpp"
#include "support/executors.hpp"
#include "support/run.hpp"

using namespace headroom;
using namespace headroom::test;

TEST_CASE("threads: workers and the order of tasks change no bit") {
    Random seeds(26);
    int parallel = 0;
    for (int n = 0; n < repeats(300); ++n) {
        const std::uint64_t seed = seeds.bits();
        Random r(seed);
        const Sizes sizes = Sizes::random(r, n % 5 == 0 ? 120 : 30, n % 7 == 0 ? 200 : 40);
        const Problem p = random_problem(r, sizes, n % 2 == 0 ? 0.0 : 0.2);
        if (r.chance(0.1) && sizes.keys > 0)
            p.value.at(0, r.between(0, sizes.keys - 1), 0, 0) =
                canary();  // a tile that is repeated
        const Field want = p.out.blank();
        REQUIRE(run(scalar_port(), p, want).ok());
        const int workers = 1 + n % 5;
        Shuffled shuffled(workers, seed);
        Threads threads(workers);
        for (const Executor* executor : {&shuffled.executor(), &threads.executor()}) {
            const Port& port = some_port(n);
            INFO("case ", n, " seed ", seed, " port ", name_of(port), " workers ", workers, ": ",
                 describe(p));
            const Field got = p.out.blank();
            REQUIRE(run(port, p, got, {.executor = executor}).ok());
            REQUIRE(difference(want.memory(), got.memory()) == "");
        }
        parallel += threads.tasks_run() > 1;
    }
    CHECK(parallel > 0);  // otherwise nothing was tested here
}

TEST_CASE("threads: calls with memory of their own may run at the same time") {
    Random random(28);
    const Problem p = random_problem(random, {.queries = 60, .keys = 200, .heads = 2}, 0.3);
    const Field want = p.out.blank();
    REQUIRE(run(best_port(), p, want).ok());
    std::vector<Field> outs;
    for (int n = 0; n < 4; ++n) outs.push_back(p.out.blank());
    for_each_worker(
        4, [&](int worker) { (void)run(best_port(), p, outs[static_cast<std::size_t>(worker)]); });
    for (const Field& out : outs) CHECK(difference(want.memory(), out.memory()) == "");
}
