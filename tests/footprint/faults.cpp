// What footprint.py must notice: self_check.py builds this with one FAULT after another.
#include <cstddef>

#define NONE 0
#define RECURSION 1
#define ALLOCA 2
#define UNKNOWN_POINTER 3
#define LARGER_ARRAY 4
#define STATIC_DATA 5
#define MORE_CODE 6
#define DEEPER_TARGET 7

using Step = int (*)(volatile char* memory);
struct Steps {
    Step known;
    Step unknown;
};

namespace {

#if FAULT == LARGER_ARRAY
constexpr std::size_t room = 400;
#else
constexpr std::size_t room = 40;
#endif

[[gnu::noipa]] int plain_step(volatile char* memory) { return memory[0]; }

#if FAULT == DEEPER_TARGET
// Reached through a pointer only.
[[gnu::noipa]] int other_step(volatile char* memory) {
    volatile char own[600];
    own[0] = memory[0];
    return own[0];
}
#else
[[gnu::noipa]] int other_step(volatile char* memory) { return memory[1]; }
#endif

[[gnu::noipa]] int run_steps(const Steps& steps, volatile char* memory) {
#if FAULT == UNKNOWN_POINTER
    return steps.known(memory) + steps.unknown(memory);
#else
    return steps.known(memory) + 1;
#endif
}

[[gnu::noipa]] int work(int n, volatile char* memory) {
#if FAULT == RECURSION
    return n > 0 ? work(n - 1, memory) + memory[n] : 0;
#elif FAULT == ALLOCA
    const auto bytes = static_cast<std::size_t>(n);
    volatile char* more = static_cast<volatile char*>(__builtin_alloca(bytes));
    more[0] = memory[0];
    return more[n - 1];
#elif FAULT == STATIC_DATA
    static int calls = 0;
    return calls += n + memory[0];
#elif FAULT == MORE_CODE
    for (int i = 0; i < 100; ++i) {
#pragma GCC unroll 100
        for (int j = 0; j < 100; ++j) memory[j] = static_cast<char>(n * j + i);
    }
    return memory[n];
#else
    return n + memory[0];
#endif
}

}  // namespace

extern "C" int entry_work(int n);
int entry_work(int n) {
    volatile char memory[room];
    memory[0] = static_cast<char>(n);
    const Steps steps{n > 3 ? plain_step : other_step, plain_step};
    return run_steps(steps, memory) + work(n, memory);
}
