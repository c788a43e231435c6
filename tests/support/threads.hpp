// Real threads, where the platform has them: HEADROOM_TEST_THREADS is 1.
#pragma once

#include <vector>

#if HEADROOM_TEST_THREADS
#include <thread>
#endif

namespace headroom::test {

inline constexpr bool has_threads = HEADROOM_TEST_THREADS != 0;

/// Calls body(worker) for each worker below `workers`, all at the same time; one after the other
/// where there are no threads, as on a board.
template <class Body>
void for_each_worker(int workers, const Body& body) {
#if HEADROOM_TEST_THREADS
    std::vector<std::thread> threads;
    for (int worker = 0; worker < workers; ++worker)
        threads.emplace_back([&, worker] { body(worker); });
    for (std::thread& thread : threads) thread.join();
#else
    for (int worker = 0; worker < workers; ++worker) body(worker);
#endif
}

}  // namespace headroom::test
