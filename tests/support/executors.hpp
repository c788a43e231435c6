// Executors for tests: real threads, and one thread that takes the tasks in a random order.
#pragma once

#include <atomic>
#include <numeric>
#include <vector>

#include <headroom/executor.hpp>

#include "support/random.hpp"
#include "support/threads.hpp"

namespace headroom::test {

/// Real threads, started for each call: whoever is free takes the next task. (Without threads: the
/// first worker takes all of them, in order.)
class Threads {
public:
    explicit Threads(int workers) : executor_{workers, this, run} {}
    Threads(const Threads&) = delete;
    const Executor& executor() const { return executor_; }
    int tasks_run() const { return tasks_run_; }

private:
    static void run(void* context, int tasks, void (*task)(void*, int, int), void* argument) {
        Threads& self = *static_cast<Threads*>(context);
        self.tasks_run_ += tasks;
        std::atomic<int> next{0};
        for_each_worker(self.executor_.workers, [&](int worker) {
            for (int i = next++; i < tasks; i = next++) task(argument, i, worker);
        });
    }
    Executor executor_;
    int tasks_run_ = 0;
};

/// One thread, the tasks in a random order, each as a random worker: finds what depends on the
/// order or on what a worker's scratch held before, and repeats exactly.
class Shuffled {
public:
    Shuffled(int workers, std::uint64_t seed) : executor_{workers, this, run}, random_(seed) {}
    Shuffled(const Shuffled&) = delete;
    const Executor& executor() const { return executor_; }
    int tasks_run() const { return tasks_run_; }

private:
    static void run(void* context, int tasks, void (*task)(void*, int, int), void* argument) {
        Shuffled& self = *static_cast<Shuffled*>(context);
        self.tasks_run_ += tasks;
        std::vector<int> order(static_cast<std::size_t>(tasks));
        std::iota(order.begin(), order.end(), 0);
        self.random_.shuffle(std::span<int>(order));
        for (const int i : order)
            task(argument, i,
                 static_cast<int>(self.random_.between(0, self.executor_.workers - 1)));
    }
    Executor executor_;
    Random random_;
    int tasks_run_ = 0;
};

}  // namespace headroom::test
