// How a call may be spread over the caller's threads or cores.
#pragma once

namespace headroom {

/// The caller's way to run independent tasks. The library creates no thread.
///
/// `run` must call task(argument, index, worker) exactly once for every index in [0, tasks), where
/// worker is in [0, workers) and no two tasks run at the same time with the same worker, and return
/// when all are done, with their writes visible to the caller. Order is free. How the work is
/// spread never changes a bit of the output.
///
/// A call given an Executor needs the scratch of scratch_bytes for as many workers. Without one,
/// everything runs in the calling thread. Where there are POSIX threads, headroom/thread_pool.hpp
/// has one (CMake: headroom::thread_pool).
struct Executor {
    int workers = 1;
    void* context = nullptr;
    void (*run)(void* context, int tasks, void (*task)(void* argument, int index, int worker),
                void* argument) = nullptr;
};

}  // namespace headroom
