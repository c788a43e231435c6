#include <headroom/headroom.hpp>

#include "bench/shapes/measure.hpp"
#include "bench/shapes/runs.hpp"

namespace bench {
namespace {

using headroom::rows_of;

// Makes weights, packs them, and gives the memory of what is packed back.
template <class Layer>
std::span<const std::byte> packed_weights(Memory& memory) {
    constexpr std::size_t dim = Layer::shape.model_dim, matrix = dim * dim;
    const std::span<std::byte> blob = memory.bytes(Layer::weights_bytes);
    Memory tensors = memory;
    const std::span<const float> input = tensors.floats(3 * matrix, 11, 0.1f),
                                 output = tensors.floats(matrix, 12, 0.1f),
                                 bias = tensors.floats(3 * dim, 13, 0.5f),
                                 output_bias = tensors.floats(dim, 14, 0.5f);
    if (!tensors.enough()) {
        memory = tensors;
        return {};
    }
    static_cast<void>(Layer::pack({.query_weight = input.first(matrix),
                                   .key_weight = input.subspan(matrix, matrix),
                                   .value_weight = input.last(matrix),
                                   .output_weight = output,
                                   .query_bias = bias.first(dim),
                                   .key_bias = bias.subspan(dim, dim),
                                   .value_bias = bias.last(dim),
                                   .output_bias = output_bias,
                                   .extra_key = {},
                                   .extra_value = {}},
                                  blob));
    return blob;
}

// `tokens` that fill up the cache; those before them are appended in advance.
template <class Layer>
void run_layer(const char* name, int tokens, Memory& memory) {
    constexpr int dim = Layer::shape.model_dim;
    const std::span<const std::byte> weights = packed_weights<Layer>(memory);
    const std::span<std::byte> state = memory.bytes(Layer::state_bytes);
    const std::span<std::byte> scratch = memory.bytes(Layer::scratch_bytes);
    const auto all = static_cast<std::size_t>(tokens) * dim;
    const std::span<float> x = memory.floats(all), y = memory.floats(all);

    Layer layer;
    headroom::KvCache cache;
    const std::int64_t before = Layer::shape.max_keys - tokens;
    if (memory.enough()) {
        // A refusal shows in the call that is measured.
        static_cast<void>(layer.open(headroom::best_port(), weights));
        static_cast<void>(Layer::cache(state, cache));
        for (std::int64_t t = 0; t < before; ++t) {
            const std::span<float> one = x.first(dim);
            fill(one, 21 + static_cast<unsigned>(t), 1.0f);
            static_cast<void>(
                layer.append_context(rows_of(one, 1, dim), rows_of(one, 1, dim), state, scratch));
        }
        fill(x, 15, 1.0f);
    }
    measure({name, Layer::state_bytes + Layer::scratch_bytes}, memory, [&] {
        const headroom::Result cut = cache.truncate(before);
        return cut.ok()
                   ? layer.forward(rows_of(x, tokens, dim), rows_of(y, tokens, dim), state, scratch)
                   : cut;
    });
}

}  // namespace

void run_layer_16(Memory& memory) {
    run_layer<headroom::MultiHeadAttention<layer_16>>("layer_16", 16, memory);
}
void run_layer_98(Memory& memory) {
    run_layer<headroom::MultiHeadAttention<layer_98>>("layer_98", 98, memory);
}
void run_layer_197(Memory& memory) {
    run_layer<headroom::MultiHeadAttention<layer_197>>("layer_197", 197, memory);
}
void run_layer_decode_512(Memory& memory) {
    run_layer<headroom::MultiHeadAttention<layer_decode_512>>("layer_decode_512", 1, memory);
}

}  // namespace bench
