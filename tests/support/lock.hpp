// A lock for receivers that an executor's threads call at the same time.
#pragma once

#include <atomic>

namespace headroom::test {

/// For std::lock_guard. Unlike std::mutex it also exists where there are no threads, so that boards
/// run the same tests.
class Lock {
public:
    void lock() {
        while (held_.test_and_set(std::memory_order_acquire)) {
        }
    }
    void unlock() { held_.clear(std::memory_order_release); }

private:
    std::atomic_flag held_;
};

}  // namespace headroom::test
