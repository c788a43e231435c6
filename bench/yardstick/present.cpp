// The yardsticks of this build: the same wrappers, compiled once for each port.
#include "bench/yardstick/yardstick.hpp"

#include <cstring>

namespace bench {

namespace x86_avx512 {
void prefill(const YardstickPrefill& task);
void decode(const YardstickDecode& task);
void small(const YardstickPrefill& task);
void layer(const YardstickLayer& task);
void one_token(const YardstickLayer& task);
}  // namespace x86_avx512

namespace x86_avx2 {
void prefill(const YardstickPrefill& task);
void decode(const YardstickDecode& task);
void small(const YardstickPrefill& task);
void layer(const YardstickLayer& task);
void one_token(const YardstickLayer& task);
}  // namespace x86_avx2

const Yardstick* find_yardstick(const char* port) {
    static constexpr Yardstick all[] = {
        {"x86_avx512", x86_avx512::prefill, x86_avx512::decode, x86_avx512::small,
         x86_avx512::layer, x86_avx512::one_token},
        {"x86_avx2", x86_avx2::prefill, x86_avx2::decode, x86_avx2::small, x86_avx2::layer,
         x86_avx2::one_token},
    };
    for (const Yardstick& y : all) {
        if (std::strcmp(y.port, port) == 0) return &y;
    }
    return nullptr;
}

}  // namespace bench
