// One call of attend(): 3 heads, 197 tokens, widths of 64. What the kernels are judged by.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>

#include <headroom/headroom.hpp>

namespace {

using namespace headroom;

constexpr Index tokens = 197, heads = 3, width = 64;
constexpr AttendShape shape{tokens, heads, heads, width, width};

alignas(64) float numbers[4][tokens * heads * width];
alignas(64) std::byte scratch[scratch_bytes(shape)];

// Any numbers will do that are not all alike.
void fill(std::span<float> to, std::uint32_t seed) {
    for (float& x : to) {
        seed = seed * 1664525U + 1013904223U;
        x = static_cast<float>(seed >> 8) * 0x1p-23F - 1.0F;
    }
}

}  // namespace

int main() {
    for (int i = 0; i < 3; ++i) fill(numbers[i], static_cast<std::uint32_t>(i) + 1);
    const auto input = [](int i) {
        return token_major(std::span<const float>(numbers[i]), tokens, heads, width);
    };
    const Port& port = best_port();
    const Result result =
        attend(port, input(0), input(1), input(2),
               token_major(std::span<float>(numbers[3]), tokens, heads, width), scratch);
    std::printf("%s: %s, out[0] = %g\n", port.name, describe(result.status),
                static_cast<double>(numbers[3][0]));
    return result.ok() ? 0 : 1;
}
