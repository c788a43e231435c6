// Nothing is allocated: a layer and the operator run from end to end, with every feature, while
// malloc and operator new are watched. With --self-check the program allocates on purpose and must
// notice.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include <headroom/headroom.hpp>

#include "support/original_heap.hpp"

namespace {

bool watching = false;
long allocations = 0;

void note() noexcept {
    if (watching) ++allocations;
}

}  // namespace

extern "C" {
void* malloc(std::size_t bytes) {
    note();
    return original::malloc(bytes);
}
void* calloc(std::size_t count, std::size_t bytes) {
    note();
    return original::calloc(count, bytes);
}
void* realloc(void* old, std::size_t bytes) {
    note();
    return original::realloc(old, bytes);
}
void* memalign(std::size_t alignment, std::size_t bytes) {
    note();
    return original::memalign(alignment, bytes);
}
void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
    note();
    return original::memalign(alignment, bytes);
}
void free(void* old) {
    note();
    original::free(old);
}
}

void* operator new(std::size_t bytes) {
    note();
    return original::malloc(bytes);
}
void* operator new[](std::size_t bytes) {
    note();
    return original::malloc(bytes);
}
void operator delete(void* old) noexcept {
    note();
    original::free(old);
}
void operator delete[](void* old) noexcept {
    note();
    original::free(old);
}
void operator delete(void* old, std::size_t) noexcept {
    note();
    original::free(old);
}
void operator delete[](void* old, std::size_t) noexcept {
    note();
    original::free(old);
}

namespace {

using namespace headroom;

constexpr Shape self_shape{.model_dim = 24,
                           .heads = 4,
                           .kv_heads = 2,
                           .head_dim = 6,
                           .value_dim = 5,
                           .extra_key = true,
                           .rotary_dim = 4,
                           .max_queries = 5,
                           .max_keys = 64};
constexpr Shape ring_shape{.model_dim = 24, .heads = 4, .max_queries = 3, .window = 9, .sinks = 2};
constexpr Shape cross_shape{.model_dim = 24,
                            .heads = 3,
                            .key_source_dim = 10,
                            .value_source_dim = 7,
                            .max_queries = 4,
                            .max_keys = 20};

float input[64 * 24];
float output[64 * 24];
float numbers[8192];
int failures = 0;

void expect(Result result, const char* what) {
    if (result.ok()) return;
    std::fprintf(stderr, "%s: %s (argument %d)\n", what, describe(result.status), result.argument);
    ++failures;
}

// Any numbers will do as weights: slices of one table.
template <Shape S>
LayerTensors tensors() {
    constexpr Shape s = resolved(S);
    const auto some = [](int n, std::size_t at) {
        return std::span<const float>(numbers + at, static_cast<std::size_t>(n));
    };
    LayerTensors t{some(s.heads * s.head_dim * s.model_dim, 0),
                   some(s.kv_heads * s.head_dim * s.key_source_dim, 100),
                   some(s.kv_heads * s.value_dim * s.value_source_dim, 200),
                   some(s.output_dim * s.heads * s.value_dim, 300),
                   some(s.heads * s.head_dim, 400),
                   {},
                   {},
                   some(s.output_dim, 500),
                   {},
                   {}};
    if (s.extra_key) {
        t.extra_key = some(s.kv_heads * s.head_dim, 600);
        t.extra_value = some(s.kv_heads * s.value_dim, 700);
    }
    return t;
}

template <Shape S>
struct Memory {
    using Layer = MultiHeadAttention<S>;
    alignas(64) std::byte weights[Layer::weights_bytes];
    alignas(64) std::byte state[Layer::state_bytes];
    alignas(64) std::byte scratch[Layer::scratch_bytes];
};
Memory<self_shape> self_memory;
Memory<ring_shape> ring_memory;
Memory<cross_shape> cross_memory;

void count_block(void* seen, const WeightsBlock& block) {
    *static_cast<std::size_t*>(seen) += block.values.size();
}

void run_here(void*, int tasks, void (*task)(void*, int, int), void* argument) {
    for (int i = tasks - 1; i >= 0; --i) task(argument, i, 0);
}

void self_attention(const Port& port) {
    auto& m = self_memory;
    MultiHeadAttention<self_shape> layer;
    std::memset(m.state, 0, sizeof m.state);
    expect(layer.pack(tensors<self_shape>(), m.weights), "pack");
    expect(layer.open(port, m.weights), "open");
    const float slopes[4] = {0.5f, 0.25f, 0.125f, 0.0625f}, sinks[4] = {0.0f, 1.0f, -1.0f, 0.5f};
    const bool keep[4] = {true, false, true, true},
               visible[64] = {true, true, true, false, true, true};
    HeadStatistics heads[4];
    std::size_t seen = 0;
    const Attention how{.causal = true, .window_left = 20, .sink_tokens = 1};
    for (const Index tokens : {17, 1, 3}) {  // longer than max_queries, one, a few
        expect(
            layer.forward(rows_of(input, tokens, 24), rows_of(output, tokens, 24), m.state,
                          m.scratch, how, Softcap{5.0f}, Alibi{slopes}, SinkLogits{sinks},
                          ZeroKey{}, HeadMask{keep}, Statistics{heads},
                          BoolMask{{visible, 6, 0, 0, 0, 1}}, ScoreBias{{numbers, 64, 0, 0, 0, 1}},
                          WeightsCallback{Stage::softmax, &seen, count_block},
                          RotaryComputed{{.dim = 4}}, Executor{1, nullptr, run_here}),
            "forward");
    }
    if (seen == 0) expect({Status::bad_value, 0}, "no weights were shown");
}

void ring_and_cross(const Port& port) {
    MultiHeadAttention<ring_shape> ring;
    std::memset(ring_memory.state, 0, sizeof ring_memory.state);
    expect(ring.pack(tensors<ring_shape>(), ring_memory.weights), "pack ring");
    expect(ring.open(port, ring_memory.weights), "open ring");
    const Attention how{.causal = true, .window_left = 8, .sink_tokens = 2};
    for (int i = 0; i < 6; ++i) {
        expect(ring.forward(rows_of(input, 13, 24), rows_of(output, 13, 24), ring_memory.state,
                            ring_memory.scratch, how),
               "ring");
    }

    MultiHeadAttention<cross_shape> cross;
    std::memset(cross_memory.state, 0, sizeof cross_memory.state);
    expect(cross.pack(tensors<cross_shape>(), cross_memory.weights), "pack cross");
    expect(cross.open(port, cross_memory.weights), "open cross");
    expect(cross.append_context(rows_of(input, 9, 10), rows_of(input, 9, 7), cross_memory.state,
                                cross_memory.scratch),
           "context");
    expect(cross.attend_context(rows_of(input, 7, 24), rows_of(output, 7, 24), cross_memory.state,
                                cross_memory.scratch),
           "cross");
    KvCache cache;
    expect(cross.cache(cross_memory.state, cache), "cache");
    expect(cache.truncate(4), "truncate");
    cache.clear();
}

void the_operator(const Port& port) {
    alignas(64) static std::byte
        scratch[scratch_bytes(AttendShape{.max_queries = 50, .heads = 2, .key_width = 12})];
    static float poisoned[50 * 12];
    std::memcpy(poisoned, numbers, sizeof poisoned);
    poisoned[49 * 12] = __builtin_nanf(
        "");  // the last value: seen by one row, which takes the slow path of the tile
    const auto keys = token_major(numbers, 50, 1, 12);
    expect(attend(port, token_major(input, 50, 2, 12), keys, token_major(poisoned, 50, 1, 12),
                  token_major(output, 50, 2, 12), scratch, {.causal = true}),
           "attend");
    static float cos[8 * 6], sin[8 * 6];
    expect(build_rotary(
               {.dim = 12, .scaling = RotaryScaling::yarn, .factor = 4.0, .original_positions = 16},
               0, 8, cos, sin),
           "rotary");
    const std::int64_t positions[2] = {3, 7};
    expect(rotate(port, token_major(input, 2, 2, 12), token_major(output, 2, 2, 12),
                  {12, RotaryPairs::interleaved, 8, cos, sin}, positions),
           "rotate");
}

}  // namespace

int main(int count, char** arguments) {
    for (std::size_t i = 0; i < sizeof numbers / sizeof *numbers; ++i) {
        numbers[i] = static_cast<float>(static_cast<int>(i * 37 % 41) - 20) / 64.0f;
    }
    for (std::size_t i = 0; i < sizeof input / sizeof *input; ++i) input[i] = numbers[i * 3] * 4.0f;

    int ran = 0;
    for (const Port* port : ports()) {
        if (!port->supported()) continue;
        watching = true;
        self_attention(*port);
        ring_and_cross(*port);
        the_operator(*port);
        watching = false;
        ++ran;
    }
    if (count > 1 && std::strcmp(arguments[1], "--self-check") == 0) {
        watching = true;
        int* volatile one = new int(1);
        delete one;
        watching = false;
        if (allocations == 0) {
            std::puts("an allocation went unnoticed");
            return 1;
        }
        std::printf("%ld allocations noticed, as there should be\n", allocations);
        return 0;
    }
    std::printf("%d ports, %ld allocations, %d refused calls\n", ran, allocations, failures);
    return allocations == 0 && failures == 0 && ran > 0 ? 0 : 1;
}
