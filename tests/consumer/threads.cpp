// A call spread over threads: the pool is a library of its own, found and linked like the other.
#include <headroom/headroom.hpp>
#include <headroom/thread_pool.hpp>

#include <cstdio>
#include <cstring>

int main() {
    using namespace headroom;
    constexpr AttendShape shape{
        .max_queries = 60, .heads = 2, .kv_heads = 2, .key_width = 8, .value_width = 8};
    alignas(64) static std::byte scratch[scratch_bytes(shape, 2)];
    static float query[2 * 60 * 8], one[2 * 60 * 8], two[2 * 60 * 8];
    for (int i = 0; i < 960; ++i) query[i] = static_cast<float>(i % 13) - 6.0f;
    const auto tensor = [](auto& all) { return head_major(std::span(all), 2, 60, 8); };
    const ConstTensor q = tensor(static_cast<const float(&)[960]>(query));

    ThreadPool pool;
    if (const int error = pool.start(2); error != 0) return error;
    const Port& port = best_port();
    const Result alone = attend(port, q, q, q, tensor(one), scratch, {});
    const Result spread = attend(port, q, q, q, tensor(two), scratch, {}, pool.executor());
    const bool equal = std::memcmp(one, two, sizeof one) == 0;
    std::printf("%s, %s, bits %s\n", describe(alone.status), describe(spread.status),
                equal ? "equal" : "differ");
    return alone.ok() && spread.ok() && equal ? 0 : 1;
}
