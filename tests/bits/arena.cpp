#include "bits/arena.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace headroom::bits {
namespace {

alignas(64) std::byte memory[std::size_t{2} << 20];
std::size_t used = 0, most = 0;

}  // namespace

void reset_memory() { used = 0; }

hr_memory take_bytes(std::size_t bytes) {
    const std::size_t rounded = (bytes + 63) / 64 * 64;
    if (rounded > sizeof memory - used) {
        std::printf("# a configuration needs more than %lu bytes\n",
                    static_cast<unsigned long>(sizeof memory));
        std::exit(1);
    }
    std::byte* const given = memory + used;
    used += rounded;
    if (used > most) most = used;
    std::memset(given, 0, rounded);
    return {given, bytes};
}

std::size_t most_memory() { return most; }

void must(hr_result result, const char* what) {
    if (result.status == HR_OK) return;
    std::printf("# %s: %s (argument %d)\n", what, hr_describe(result.status), result.argument);
    std::exit(1);
}

}  // namespace headroom::bits
