// The peak of an x86 port: twelve independent chains of fused multiply-adds, twice in each round,
// in assembly so that no compiler has a say in it.
#include "bench/measure.hpp"

#include <cstring>

namespace bench {
namespace {

constexpr long kRounds = 4000;
constexpr int kInstructions = 24;

// clang-format off
#define CHAIN(reg, n) "vfmadd231ps %%" reg "15, %%" reg "14, %%" reg #n "\n\t"
#define CHAINS(reg)                                                                         \
    CHAIN(reg, 0) CHAIN(reg, 1) CHAIN(reg, 2) CHAIN(reg, 3) CHAIN(reg, 4) CHAIN(reg, 5)     \
    CHAIN(reg, 6) CHAIN(reg, 7) CHAIN(reg, 8) CHAIN(reg, 9) CHAIN(reg, 10) CHAIN(reg, 11)
// Zeros everywhere: no subnormal, no overflow, whatever the registers held.
#define RUN(reg)                                                                            \
    __asm__ volatile(                                                                       \
        "vzeroall\n\t"                                                                      \
        "1:\n\t" CHAINS(reg) CHAINS(reg) "dec %0\n\t"                                       \
        "jnz 1b\n\t"                                                                        \
        "vzeroupper"                                                                        \
        : "+r"(rounds)                                                                      \
        :                                                                                   \
        : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",   \
          "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "cc")
// clang-format on

void run_avx2(long rounds) { RUN("ymm"); }
void run_avx512(long rounds) { RUN("zmm"); }

#undef RUN
#undef CHAINS
#undef CHAIN

}  // namespace

double measure_peak(const char* port) {
    const bool avx512 = std::strcmp(port, "x86_avx512") == 0;
    if (!avx512 && std::strcmp(port, "x86_avx2") != 0) return 0.0;
    const double start = thread_seconds();
    (avx512 ? run_avx512 : run_avx2)(kRounds);
    const double lanes = avx512 ? 16.0 : 8.0;
    return 2.0 * lanes * kInstructions * static_cast<double>(kRounds) / (thread_seconds() - start);
}

}  // namespace bench
