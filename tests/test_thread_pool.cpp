// The pool of ports/os/posix: every task once, no two at a time with one worker, the same bits.
#include <doctest/doctest.h>

#include <headroom/thread_pool.hpp>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <chrono>
#include <thread>
#include <vector>

#include "support/bits.hpp"
#include "support/run.hpp"

using namespace headroom;
using namespace headroom::test;

namespace {

struct Round {
    explicit Round(int tasks) : times(static_cast<std::size_t>(tasks)) {}
    std::vector<std::atomic<int>> times;
    std::atomic<int> at_work[ThreadPool::most_workers] = {};
    std::atomic<unsigned> workers{0};
    std::atomic<bool> shared{false};
    int waits_for = 0;  // the first task waits until so many workers have come

    static void task(void* argument, int index, int worker) {
        Round& round = *static_cast<Round*>(argument);
        if (round.at_work[worker].fetch_add(1) != 0) round.shared = true;
        round.times[static_cast<std::size_t>(index)].fetch_add(1);
        round.workers |= 1u << worker;
        for (int i = 0; i < 10000 && std::popcount(round.workers.load()) < round.waits_for; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        round.at_work[worker].fetch_sub(1);
    }
    bool each_once() const {
        return std::all_of(times.begin(), times.end(), [](const auto& n) { return n == 1; });
    }
};

}  // namespace

TEST_CASE("thread pool: every task once, whatever the number of tasks and workers") {
    for (const int workers : {1, 2, 3, 8}) {
        ThreadPool pool;
        REQUIRE(pool.start(workers) == 0);
        CHECK(pool.executor().workers == workers);
        for (int n = 0; n < 400; ++n) {
            const int tasks = n % 40;
            INFO(workers, " workers, ", tasks, " tasks, round ", n);
            Round round(tasks);
            pool.executor().run(pool.executor().context, tasks, Round::task, &round);
            REQUIRE(round.each_once());
            REQUIRE(!round.shared);
            REQUIRE(round.workers < 1u << workers);
        }
    }
}

TEST_CASE("thread pool: all workers work, also after they have slept") {
    ThreadPool pool;
    REQUIRE(pool.start(3) == 0);
    for (int n = 0; n < 3; ++n) {
        std::this_thread::sleep_for(std::chrono::milliseconds(n * 20));
        Round round(3);
        round.waits_for = 3;  // ten seconds, should one of them not come
        pool.executor().run(pool.executor().context, 3, Round::task, &round);
        CHECK(round.workers == 7);
    }
}

TEST_CASE("thread pool: what start() refuses, and starting again") {
    ThreadPool pool;
    CHECK(pool.start(0) == EINVAL);
    CHECK(pool.start(-1) == EINVAL);
    CHECK(pool.start(ThreadPool::most_workers + 1) == EINVAL);
    CHECK(pool.executor().workers == 1);
    for (const int workers : {2, 1, 5}) {
        REQUIRE(pool.start(workers) == 0);
        if (workers > 1) CHECK(pool.start(2) == EBUSY);
        CHECK(pool.executor().workers == workers);
        Round round(20);
        pool.executor().run(pool.executor().context, 20, Round::task, &round);
        CHECK(round.each_once());
        pool.stop();
        CHECK(pool.executor().workers == 1);
        pool.stop();
    }
}

TEST_CASE("thread pool: attention has the same bits") {
    ThreadPool pool;
    REQUIRE(pool.start(3) == 0);
    Random random(77);
    for (int n = 0; n < repeats(60); ++n) {
        const Problem p = random_problem(random, Sizes::random(random, 80, 120), 0.2);
        const Field want = p.out.blank(), got = p.out.blank();
        REQUIRE(run(scalar_port(), p, want).ok());
        INFO("case ", n, ": ", describe(p));
        REQUIRE(run(some_port(n), p, got, {.executor = &pool.executor()}).ok());
        REQUIRE(difference(want.memory(), got.memory()) == "");
    }
}
