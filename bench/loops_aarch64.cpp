// The peak of a 64-bit ARM core: 24 independent chains of fused multiply-adds of 4 lanes, which
// hide four cycles of latency on cores with up to six units. Its reading: pairs of registers.
#include "bench/clock.hpp"
#include "bench/machine_loops.hpp"

#include <cstring>

namespace bench {
namespace {

constexpr long kRounds = 8000;
constexpr int kInstructions = 24;

// clang-format off
#define CHAIN(n) "fmla v" #n ".4s, v30.4s, v31.4s\n\t"
#define READ(at) "ldp q0, q1, [%0, #" #at "]\n\t" "ldp q2, q3, [%0, #" #at "+32]\n\t"

void run(long rounds) {
    __asm__ volatile(
        "movi v30.4s, #0\n\t" "movi v31.4s, #0\n\t"
        "1:\n\t"
        CHAIN(0) CHAIN(1) CHAIN(2) CHAIN(3) CHAIN(4) CHAIN(5) CHAIN(6) CHAIN(7)
        CHAIN(8) CHAIN(9) CHAIN(10) CHAIN(11) CHAIN(12) CHAIN(13) CHAIN(14) CHAIN(15)
        CHAIN(16) CHAIN(17) CHAIN(18) CHAIN(19) CHAIN(20) CHAIN(21) CHAIN(22) CHAIN(23)
        "subs %0, %0, #1\n\t"
        "b.ne 1b"
        : "+r"(rounds)
        :
        : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13",
          "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v30", "v31", "cc");
}

void read(const char* from, const char* to) {
    __asm__ volatile(
        "1:\n\t"
        READ(0) READ(64) READ(128) READ(192)
        "add %0, %0, #256\n\t"
        "cmp %0, %1\n\t"
        "b.lo 1b"
        : "+r"(from)
        : "r"(to)
        : "v0", "v1", "v2", "v3", "cc", "memory");
}
// clang-format on

#undef CHAIN
#undef READ

bool has_loops(const char* port) { return std::strcmp(port, "arm_neon") == 0; }

}  // namespace

double measure_peak(const char* port) {
    if (!has_loops(port)) return 0.0;
    run(kRounds);
    const double seconds = seconds_of_work([] { run(kRounds); });
    return 2.0 * 4.0 * kInstructions * static_cast<double>(kRounds) / seconds;
}

bool read_all(const char* port, const void* memory, std::size_t bytes) {
    if (!has_loops(port)) return false;
    const char* const from = static_cast<const char*>(memory);
    if (bytes > 0) read(from, from + bytes);
    return true;
}

}  // namespace bench
