// headroom_shapes [SHAPE...]: arenas, stack and instructions of the benchmarks' shapes, or of some,
// in static memory. Made for boards; on a host it runs for tests/counts, which counts its
// instructions from outside.
#include <algorithm>
#include <cstdio>
#include <span>
#include <string_view>

#include <headroom/port.hpp>

#include "bench/shapes/measure.hpp"
#include "bench/shapes/runs.hpp"
#include "board/board.hpp"

namespace bench {
namespace {

alignas(64) constinit std::byte all_memory[HEADROOM_SHAPES_BYTES] = {};

// All but attend_1500 and causal_512, which would take an emulator too long.
constexpr PrefillShape prefills[] = {head_16x16, head_32x32, head_1x64, attend_16,
                                     attend_98,  attend_197, causal_98};
constexpr DecodeShape decodes[] = {cached_1x64, decode_512, decode_2048};
constexpr struct {
    const char* name;
    void (*run)(Memory&);
} layers[] = {{"layer_16", run_layer_16},
              {"layer_98", run_layer_98},
              {"layer_197", run_layer_197},
              {"layer_decode_512", run_layer_decode_512}};

void print_machine() {
    namespace board = headroom::board;
    std::printf("# %s, port %s", board::name, headroom::best_port().name);
    if (board::ticks_per_second != 0)
        std::printf(", %lu ticks a second", static_cast<unsigned long>(board::ticks_per_second));
    std::printf("\n");
}

// take(name, run) of all shapes, in the order of the lists above.
template <class Take>
void each_shape(const Take& take) {
    for (const PrefillShape& shape : prefills)
        take(shape.name, [&](Memory& memory) { run(shape, memory); });
    for (const DecodeShape& shape : decodes)
        take(shape.name, [&](Memory& memory) { run(shape, memory); });
    for (const auto& layer : layers) take(layer.name, layer.run);
}

bool is_shape(std::string_view name) {
    bool known = false;
    each_shape([&](std::string_view one, const auto&) { known |= one == name; });
    return known;
}

void print_unknown(const char* name) {
    std::printf("%s: no such shape; there are", name);
    each_shape([](const char* one, const auto&) { std::printf(" %s", one); });
    std::printf("\n");
}

// Those named, each once; none named: all.
void run_all(std::span<const char* const> names) {
    Memory memory(all_memory);
    each_shape([&](std::string_view name, const auto& run_one) {
        if (!names.empty() && std::find(names.begin(), names.end(), name) == names.end()) return;
        memory.clear();
        run_one(memory);
    });
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
    const std::span<const char* const> names(argv + 1, static_cast<std::size_t>(argc - 1));
    for (const char* const name : names) {
        if (bench::is_shape(name)) continue;
        bench::print_unknown(name);
        return 2;
    }
    bench::print_machine();
    bench::print_header();
    bench::run_all(names);
    return 0;
}
