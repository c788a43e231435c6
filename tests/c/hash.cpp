// The bits that the C++ interface gives for the configurations, as hashes; hash.c prints the same.
// Every feature enters by its type and every layer's shape is a constant: nothing here goes the
// way of the C interface.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "c/hash_inputs.hpp"

namespace headroom::test {
namespace {

void must(Result result, const char* what) {
    if (result.ok()) return;
    std::fprintf(stderr, "%s: %s (argument %d)\n", what, describe(result.status), result.argument);
    std::exit(1);
}

alignas(64) std::byte weights[1 << 17];
alignas(64) std::byte state[1 << 16];
alignas(64) std::byte beam[1 << 16];
alignas(64) std::byte scratch[1 << 18];
float out[4096];

// ---- attend()

template <class Data>
auto view(Data& data, bool by_head, Index batches, Index tokens, Index heads, Index width) {
    return by_head ? head_major(data, heads, tokens, width, batches)
                   : token_major(data, tokens, heads, width, batches);
}

void fill_cache(KvCache& cache, const ConstTensor& key, const ConstTensor& value) {
    const CacheShape shape{.kv_heads = static_cast<int>(key.heads),
                           .key_width = static_cast<int>(key.width),
                           .value_width = static_cast<int>(value.width),
                           .max_keys = key.tokens + 5};
    std::memset(state, 0, sizeof state);
    must(cache.open(shape, state), "open");
    must(cache.append(key, value), "append");
}

template <std::size_t I>
void hash_attend(const Port& port, inputs& in, std::uint64_t& hash) {
    constexpr attend_configuration c = attend_configurations[I];
    FeatureMemory memory{
        in,
        {c.batches, c.queries, c.keys, c.heads, c.kv_heads, c.key_width, c.value_width},
        static_cast<Stage>(c.stage),
        hash};
    if (c.features & WITH_NAN)
        in.value[c.batches * c.keys * c.kv_heads * c.value_width - 1] = not_a_number();
    Attention how{.scale = c.scale,
                  .causal = c.causal,
                  .first_position = c.first_position,
                  .window_left = c.keys_left > 0 ? c.keys_left - 1 : -1,
                  .window_right = c.keys_right > 0 ? c.keys_right - 1 : -1,
                  .sink_tokens = c.sink_tokens};
    constexpr std::size_t batches = c.batches;
    if (c.valid_keys) how.valid_keys = std::span(in.valid_keys).first(batches);
    if (c.first_positions) how.first_positions = std::span(in.first_positions).first(batches);
    const ConstTensor q = view(in.query, c.head_major, c.batches, c.queries, c.heads, c.key_width),
                      k = view(in.key, c.head_major, c.batches, c.keys, c.kv_heads, c.key_width),
                      v = view(in.value, c.head_major, c.batches, c.keys, c.kv_heads,
                               c.value_width);
    const Tensor y = view(out, c.head_major, c.batches, c.queries, c.heads, c.value_width);
    KvCache cache;
    if (c.cached) fill_cache(cache, k, v);
    must(with_features<c.features>(
             memory,
             [&](const auto&... features) {
                 return c.cached ? attend(port, q, cache, y, scratch, how, features...)
                                 : attend(port, q, k, v, y, scratch, how, features...);
             }),
         "attend");
    add_floats(&hash, out,
               static_cast<std::size_t>(c.batches * c.queries * c.heads * c.value_width));
    if (c.features & WITH_STATISTICS) add_statistics(&hash, memory.statistics());
}

// ---- layers

template <std::size_t I>
constexpr Shape layer_shape = {.model_dim = layer_configurations[I].model_dim,
                               .heads = layer_configurations[I].heads,
                               .kv_heads = layer_configurations[I].kv_heads,
                               .head_dim = layer_configurations[I].head_dim,
                               .value_dim = layer_configurations[I].value_dim,
                               .key_source_dim = layer_configurations[I].key_source_dim,
                               .value_source_dim = layer_configurations[I].value_source_dim,
                               .output_dim = layer_configurations[I].output_dim,
                               .extra_key = layer_configurations[I].extra_key,
                               .rotary_dim = layer_configurations[I].rotary_dim,
                               .max_queries = layer_configurations[I].max_queries,
                               .max_keys = layer_configurations[I].max_keys,
                               .window = layer_configurations[I].window,
                               .sinks = layer_configurations[I].sinks};

template <class Layer>
LayerTensors tensors_of(const inputs& in, bool biases) {
    constexpr Shape s = Layer::shape;
    const auto matrix = [&](int i, int outputs, int columns) {
        return std::span(in.matrices[i]).first(static_cast<std::size_t>(outputs * columns));
    };
    const auto vector = [](const auto& from, bool given, int n) {
        return std::span<const float>(from).first(given ? static_cast<std::size_t>(n) : 0);
    };
    const int q = s.heads * s.head_dim, k = s.kv_heads * s.head_dim, v = s.kv_heads * s.value_dim;
    return {matrix(0, q, s.model_dim),
            matrix(1, k, s.key_source_dim),
            matrix(2, v, s.value_source_dim),
            matrix(3, s.output_dim, s.heads * s.value_dim),
            vector(in.biases[0], biases, q),
            vector(in.biases[1], biases, k),
            vector(in.biases[2], biases, v),
            vector(in.biases[3], biases, s.output_dim),
            vector(in.extra_key, s.extra_key, k),
            vector(in.extra_value, s.extra_key, v)};
}

void build(const layer_configuration& c, FeatureMemory& memory) {
    static float cos[POSITIONS * 8], sin[POSITIONS * 8];
    memory.computed = {{.dim = c.rotary_dim,
                        .base = 5000.0,
                        .scaling = static_cast<RotaryScaling>(c.scaling),
                        .factor = 3.0,
                        .original_positions = 16,
                        .beta_slow = 0.5},
                       c.interleaved ? RotaryPairs::interleaved : RotaryPairs::halves};
    if (!(c.features & WITH_TABLES)) return;
    must(build_rotary(memory.computed.parameters, 0, POSITIONS, cos, sin), "rotary tables");
    memory.tables = {c.rotary_dim, memory.computed.pairs, POSITIONS, cos, sin};
}

template <std::size_t I, class Layer>
void self_attend(const Layer& layer, const inputs& in, const Attention& how, FeatureMemory& memory,
                 std::uint64_t& hash) {
    constexpr layer_configuration c = layer_configurations[I];
    constexpr Shape s = Layer::shape;
    const auto forward = [&](int first, int n, std::span<std::byte> cache) {
        const auto x =
            rows_of(std::span(in.tokens).subspan(static_cast<std::size_t>(first * s.model_dim)), n,
                    s.model_dim);
        must(with_features<c.features>(memory,
                                       [&](const auto&... features) {
                                           return layer.forward(x, rows_of(out, n, s.output_dim),
                                                                cache, scratch, how, features...);
                                       }),
             "forward");
        add_floats(&hash, out, static_cast<std::size_t>(n * s.output_dim));
    };
    int done = 0;
    for (const int n : c.calls) {
        forward(done, n, state);
        done += n;
    }
    KvCache from, to;
    std::memset(beam, 0, 64);
    must(layer.cache(state, from), "cache");
    must(layer.cache(beam, to), "cache");
    must(to.copy_from(from), "copy");
    must(to.truncate(to.size() - 1), "truncate");
    forward(0, 1, beam);
    add_number(&hash, static_cast<std::uint64_t>(to.size()));
}

template <std::size_t I, class Layer>
void cross_attend(const Layer& layer, const inputs& in, const Attention& how, FeatureMemory& memory,
                  std::uint64_t& hash) {
    constexpr layer_configuration c = layer_configurations[I];
    constexpr Shape s = Layer::shape;
    std::size_t done = 0;
    for (const int n : c.calls) {
        const ConstRows keys{std::span(in.context).subspan(done), n, s.key_source_dim,
                             s.key_source_dim + 1},
            values{std::span(in.tokens).subspan(done), n, s.value_source_dim,
                   s.value_source_dim + 2};
        must(with_features<c.features>(memory,
                                       [&](const auto&... features) {
                                           return layer.append_context(keys, values, state, scratch,
                                                                       features...);
                                       }),
             "append");
        done += static_cast<std::size_t>(n);
    }
    must(with_features<c.features>(memory,
                                   [&](const auto&... features) {
                                       return layer.attend_context(
                                           rows_of(in.query, c.attends, s.model_dim),
                                           rows_of(out, c.attends, s.output_dim), state, scratch,
                                           how, features...);
                                   }),
         "attend");
    add_floats(&hash, out, static_cast<std::size_t>(c.attends * s.output_dim));
}

template <std::size_t I>
void hash_layer(const Port& port, inputs& in, std::uint64_t& hash) {
    using Layer = MultiHeadAttention<layer_shape<I>>;
    constexpr layer_configuration c = layer_configurations[I];
    constexpr Shape s = Layer::shape;
    FeatureMemory memory{
        in, {1, 20, 25, s.heads, s.kv_heads, s.head_dim, s.value_dim}, Stage::softmax, hash};
    Layer layer;
    must(layer.pack(tensors_of<Layer>(in, c.biases), weights), "pack");
    must(layer.open(port, weights), "open");
    build(c, memory);
    std::memset(state, 0, 64);
    const Attention how{.causal = c.causal,
                        .first_position = 2,
                        .window_left = c.keys_left > 0 ? c.keys_left - 1 : -1,
                        .sink_tokens = c.sink_tokens};
    if constexpr (c.attends > 0)
        cross_attend<I>(layer, in, how, memory, hash);
    else
        self_attend<I>(layer, in, how, memory, hash);
    if (c.features & WITH_STATISTICS) add_statistics(&hash, memory.statistics());
}

// ---- rotary embedding

void hash_rotary(const Port& port, const rotary_configuration& c, const inputs& in,
                 std::uint64_t& hash) {
    static float cos[POSITIONS * 8], sin[POSITIONS * 8];
    const RotaryParameters parameters{c.dim,
                                      c.base,
                                      static_cast<RotaryScaling>(c.scaling),
                                      c.factor,
                                      c.original_positions,
                                      c.beta_fast,
                                      c.beta_slow,
                                      c.attention_factor};
    must(build_rotary(parameters, c.first_position, POSITIONS, cos, sin), "build");
    const RotaryTables tables{c.dim, c.interleaved ? RotaryPairs::interleaved : RotaryPairs::halves,
                              POSITIONS, cos, sin};
    must(rotate(port, token_major(in.query, 10, 3, 18, 2), head_major(out, 3, 10, 18, 2), tables,
                in.positions),
         "rotate");
    add_floats(&hash, cos, static_cast<std::size_t>(c.dim / 2 * POSITIONS));
    add_floats(&hash, sin, static_cast<std::size_t>(c.dim / 2 * POSITIONS));
    add_floats(&hash, out, 20 * 3 * 18);
}

// ---- all of them

template <std::size_t... Attends, std::size_t... Layers>
std::uint64_t hash_all(const Port& port, std::index_sequence<Attends...>,
                       std::index_sequence<Layers...>) {
    static inputs in;
    std::uint64_t all = 0xcbf29ce484222325u;
    unsigned number = 0;
    const auto one = [&](auto run) {
        std::uint64_t hash = 0xcbf29ce484222325u;
        fill_inputs(&in, number + 1);
        run(hash);
        std::printf("%s %u %016llx\n", port.name, number++, static_cast<unsigned long long>(hash));
        add_number(&all, hash);
    };
    (one([&](std::uint64_t& hash) { hash_attend<Attends>(port, in, hash); }), ...);
    (one([&](std::uint64_t& hash) { hash_layer<Layers>(port, in, hash); }), ...);
    for (const rotary_configuration& c : rotary_configurations)
        one([&](std::uint64_t& hash) { hash_rotary(port, c, in, hash); });
    return all;
}

}  // namespace
}  // namespace headroom::test

int main() {
    using namespace headroom::test;
    for (const headroom::Port* port : headroom::ports()) {
        if (!port->supported()) continue;
        const std::uint64_t all = hash_all(*port, std::make_index_sequence<ATTEND_CONFIGURATIONS>(),
                                           std::make_index_sequence<LAYER_CONFIGURATIONS>());
        std::printf("%s: all %016llx\n", port->name, static_cast<unsigned long long>(all));
    }
    return 0;
}
