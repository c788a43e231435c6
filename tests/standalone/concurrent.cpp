// Calls with disjoint state and scratch at the same time, sharing weights, and one call spread over
// threads: for the thread sanitizer, and for the bits.
#include <atomic>
#include <cstdio>
#include <cstring>
#include <thread>
#include <vector>

#include <headroom/headroom.hpp>

namespace {

using namespace headroom;

constexpr Shape shape{
    .model_dim = 32, .heads = 4, .kv_heads = 2, .max_queries = 40, .max_keys = 200};
using Layer = MultiHeadAttention<shape>;
constexpr int kThreads = 4, kTokens = 150;

struct Arena {
    alignas(64) std::byte state[Layer::state_bytes];
    alignas(64) std::byte scratch[Layer::scratch_bytes_for(kThreads)];
    float output[kTokens * 32];
};
Arena arenas[kThreads + 1];
alignas(64) std::byte weights[Layer::weights_bytes];
float numbers[4096];
float input[kTokens * 32];

void run_on_threads(void*, int tasks, void (*task)(void*, int, int), void* argument) {
    std::atomic<int> next{0};
    std::vector<std::thread> threads;
    for (int worker = 0; worker < kThreads; ++worker) {
        threads.emplace_back([&, worker] {
            for (int i = next++; i < tasks; i = next++) task(argument, i, worker);
        });
    }
    for (std::thread& thread : threads) thread.join();
}

template <class... Features>
bool run(const Layer& layer, Arena& arena, const Features&... features) {
    for (int done = 0; done < kTokens; done += 50) {
        const Result r =
            layer.forward(rows_of(std::span(input + done * 32, 50 * 32), 50, 32),
                          rows_of(std::span(arena.output + done * 32, 50 * 32), 50, 32),
                          arena.state, arena.scratch, {.causal = true}, features...);
        if (!r.ok()) {
            std::printf("%s\n", describe(r.status));
            return false;
        }
    }
    return true;
}

}  // namespace

int main() {
    for (int i = 0; i < 4096; ++i) numbers[i] = static_cast<float>(i * 37 % 41 - 20) / 64.0f;
    for (int i = 0; i < kTokens * 32; ++i) input[i] = numbers[i % 4001] * 4.0f;
    const auto some = [](std::size_t n, std::size_t at) {
        return std::span<const float>(numbers + at, n);
    };
    Layer layer;
    bool ok = Layer::pack({some(1024, 0), some(512, 100), some(512, 200), some(1024, 300)}, weights)
                  .ok() &&
              layer.open(best_port(), weights).ok();

    std::atomic<int> failed{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&, i] {
            if (!run(layer, arenas[i])) ++failed;
        });
    }
    for (std::thread& thread : threads) thread.join();
    ok = ok && failed == 0 &&
         run(layer, arenas[kThreads], Executor{kThreads, nullptr, run_on_threads});

    for (int i = 1; i <= kThreads; ++i) {
        ok = ok && std::memcmp(arenas[0].output, arenas[i].output, sizeof arenas[0].output) == 0;
    }
    std::printf("%d concurrent calls and one on %d threads: %s\n", kThreads, kThreads,
                ok ? "equal bits" : "FAILED");
    return ok ? 0 : 1;
}
