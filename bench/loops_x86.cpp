// The peak of an x86 port: twelve independent chains of fused multiply-adds, twice in each round.
// Its reading: eight loads of whole registers in each round.
#include "bench/clock.hpp"
#include "bench/machine_loops.hpp"

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

#define LOAD(reg, bytes, n) "vmovaps " #n "*" #bytes "(%0), %%" reg #n "\n\t"
#define READ(reg, bytes)                                                                    \
    __asm__ volatile(                                                                       \
        "1:\n\t"                                                                            \
        LOAD(reg, bytes, 0) LOAD(reg, bytes, 1) LOAD(reg, bytes, 2) LOAD(reg, bytes, 3)     \
        LOAD(reg, bytes, 4) LOAD(reg, bytes, 5) LOAD(reg, bytes, 6) LOAD(reg, bytes, 7)     \
        "add $8*" #bytes ", %0\n\t"                                                         \
        "cmp %1, %0\n\t"                                                                    \
        "jb 1b\n\t"                                                                         \
        "vzeroupper"                                                                        \
        : "+r"(from)                                                                        \
        : "r"(to)                                                                           \
        : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "cc", "memory")
// clang-format on

void run_avx2(long rounds) { RUN("ymm"); }
void run_avx512(long rounds) { RUN("zmm"); }
void read_avx2(const char* from, const char* to) { READ("ymm", 32); }
void read_avx512(const char* from, const char* to) { READ("zmm", 64); }

#undef RUN
#undef CHAINS
#undef CHAIN
#undef READ
#undef LOAD

bool is_avx512(const char* port) { return std::strcmp(port, "x86_avx512") == 0; }
bool has_loops(const char* port) { return is_avx512(port) || std::strcmp(port, "x86_avx2") == 0; }

}  // namespace

double measure_peak(const char* port) {
    if (!has_loops(port)) return 0.0;
    const bool avx512 = is_avx512(port);
    const auto loop = [&] { (avx512 ? run_avx512 : run_avx2)(kRounds); };
    loop();
    const double seconds = seconds_of_work(loop);
    const double lanes = avx512 ? 16.0 : 8.0;
    return 2.0 * lanes * kInstructions * static_cast<double>(kRounds) / seconds;
}

bool read_all(const char* port, const void* memory, std::size_t bytes) {
    if (!has_loops(port)) return false;
    const char* const from = static_cast<const char*>(memory);
    if (bytes > 0) (is_avx512(port) ? read_avx512 : read_avx2)(from, from + bytes);
    return true;
}

}  // namespace bench
