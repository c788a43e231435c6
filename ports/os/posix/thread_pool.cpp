#include <headroom/thread_pool.hpp>

#include <signal.h>

#include <cerrno>

namespace headroom {
namespace {

// Loads before a thread sleeps: sleeping and waking costs as much as a small head's attention.
constexpr int kLooks = 20000;

// Returns the value as soon as it is another one than `old`.
template <class T>
T changed(const std::atomic<T>& value, T old) noexcept {
    for (int i = 0; i < kLooks; ++i) {
        if (const T now = value.load(std::memory_order_acquire); now != old) return now;
    }
    value.wait(old, std::memory_order_acquire);
    return value.load(std::memory_order_acquire);
}

}  // namespace

ThreadPool::ThreadPool() noexcept : executor_{1, this, run} {}

// A round: round_ announces it, next_ hands out its tasks, busy_ counts the threads that are not
// through with it. Each thread goes through every round, whether it finds a task or not, so that
// none is left when the next round's fields are written.
void ThreadPool::run(void* context, int tasks, Task task, void* argument) {
    ThreadPool& pool = *static_cast<ThreadPool*>(context);
    const int threads = pool.executor_.workers - 1;
    if (threads == 0 || tasks < 2) {
        for (int i = 0; i < tasks; ++i) task(argument, i, 0);
        return;
    }
    pool.task_ = task;
    pool.argument_ = argument;
    pool.tasks_ = tasks;
    pool.next_.store(0, std::memory_order_relaxed);
    pool.busy_.store(threads, std::memory_order_relaxed);
    pool.round_.fetch_add(1, std::memory_order_release);
    pool.round_.notify_all();
    pool.take_tasks(0);
    for (int busy = pool.busy_.load(std::memory_order_acquire); busy != 0;)
        busy = changed(pool.busy_, busy);
}

void ThreadPool::take_tasks(int worker) noexcept {
    for (;;) {
        const int i = next_.fetch_add(1, std::memory_order_relaxed);
        if (i >= tasks_) return;
        task_(argument_, i, worker);
    }
}

void* ThreadPool::serve(void* seat) {
    const Seat& own = *static_cast<Seat*>(seat);
    ThreadPool& pool = *own.pool;
    for (unsigned seen = 0;;) {
        seen = changed(pool.round_, seen);
        if (pool.ending_) return nullptr;
        pool.take_tasks(own.worker);
        if (pool.busy_.fetch_sub(1, std::memory_order_acq_rel) == 1) pool.busy_.notify_one();
    }
}

int ThreadPool::start(int workers) noexcept {
    if (workers < 1 || workers > most_workers) return EINVAL;
    if (executor_.workers > 1) return EBUSY;
    round_.store(0, std::memory_order_relaxed);
    // Signals stay with the program's own threads: a thread inherits what is blocked.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = 0;
    for (int worker = 1; worker < workers && error == 0; ++worker) {
        Seat& seat = seats_[worker];
        seat.pool = this;
        seat.worker = worker;
        error = pthread_create(&seat.thread, nullptr, serve, &seat);
        if (error != 0) end_threads(worker - 1);
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (error == 0) executor_.workers = workers;
    return error;
}

void ThreadPool::stop() noexcept {
    end_threads(executor_.workers - 1);
    executor_.workers = 1;
}

void ThreadPool::end_threads(int threads) noexcept {
    ending_ = true;
    round_.fetch_add(1, std::memory_order_release);
    round_.notify_all();
    for (int worker = 1; worker <= threads; ++worker) pthread_join(seats_[worker].thread, nullptr);
    ending_ = false;
}

}  // namespace headroom
