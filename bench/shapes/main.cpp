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

// Those named, in the order of the lists above; none named: all. False if a name is no shape's.
bool run_all(std::span<const char* const> names) {
    Memory memory(all_memory);
    std::size_t known = 0;
    const auto next = [&](std::string_view name) {
        const auto times = std::count(names.begin(), names.end(), name);
        known += static_cast<std::size_t>(times);
        memory.clear();
        return names.empty() || times != 0;
    };
    for (const PrefillShape& shape : prefills)
        if (next(shape.name)) run(shape, memory);
    for (const DecodeShape& shape : decodes)
        if (next(shape.name)) run(shape, memory);
    for (const auto& layer : layers)
        if (next(layer.name)) layer.run(memory);
    return known == names.size();
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
    bench::print_machine();
    bench::print_header();
    if (bench::run_all({argv + 1, static_cast<std::size_t>(argc - 1)})) return 0;
    std::printf("there is no such shape\n");
    return 2;
}
