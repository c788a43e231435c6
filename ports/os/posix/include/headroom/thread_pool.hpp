// Threads for an Executor, on systems with POSIX threads. A library of its own (CMake:
// headroom::thread_pool), since headroom itself creates no thread.
//
//     headroom::ThreadPool pool;
//     if (const int error = pool.start(2); error != 0) ...
//     headroom::attend(port, query, key, value, out, scratch, {}, pool.executor());
//
// with the scratch of as many workers: scratch_bytes(shape, 2).
#pragma once

#include <pthread.h>

#include <atomic>

#include <headroom/executor.hpp>

namespace headroom {

/// Workers that wait for calls; the thread that makes a call is worker 0 and works, too. Whoever is
/// free takes the next task. Between calls they look for work for about 20 us, as the next head or
/// layer follows at once, and sleep after that. No memory is allocated but the threads' own stacks.
/// Threads run where the system puts them: to keep them to some cores, set the affinity of the
/// calling thread before start(), they inherit it.
///
/// One call at a time: a pool's executor must not be given to two calls that run at once.
// The padding is meant: see the atomics.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
class ThreadPool {
public:
    static constexpr int most_workers = 64;

    ThreadPool() noexcept;
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;
    ~ThreadPool() { stop(); }

    /// Starts workers - 1 threads. Returns 0 or what errno would say: EINVAL if workers is not in
    /// [1, most_workers], EBUSY if it is started already, or why the system gave no thread; on an
    /// error nothing is left running and the pool is as it was.
    int start(int workers) noexcept;

    /// Ends the threads; the executor has one worker from now on. No call may be running. A pool
    /// that is not started stays as it is.
    void stop() noexcept;

    /// For calls, as long as the pool lives. Before start() it has one worker, the calling thread.
    const Executor& executor() const noexcept { return executor_; }

private:
    using Task = void (*)(void* argument, int index, int worker);
    struct Seat {
        ThreadPool* pool;
        int worker;
        pthread_t thread;
    };

    static void run(void* context, int tasks, Task task, void* argument);
    static void* serve(void* seat);
    void take_tasks(int worker) noexcept;
    void end_threads(int threads) noexcept;

    Executor executor_;
    Seat seats_[most_workers];
    // Written before a round begins, read during it.
    Task task_ = nullptr;
    void* argument_ = nullptr;
    int tasks_ = 0;
    bool ending_ = false;
    // Apart, so that taking a task does not disturb those who wait for a round.
    alignas(64) std::atomic<unsigned> round_{0};
    alignas(64) std::atomic<int> next_{0};
    alignas(64) std::atomic<int> busy_{0};
};

}  // namespace headroom
