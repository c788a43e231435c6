// The packed weights: whatever the bytes are, a blob is refused or it is this layer's and works.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <headroom/headroom.hpp>

#include "attention/packed_weights.hpp"
#include "fuzz/input.hpp"
#include "support/memory.hpp"

namespace {

using namespace headroom;
using fuzz::Input;
using fuzz::require;

constexpr Shape plain{.model_dim = 4, .heads = 2, .max_queries = 2, .max_keys = 3};
constexpr Shape extra{.model_dim = 6,
                      .heads = 2,
                      .kv_heads = 1,
                      .head_dim = 3,
                      .value_dim = 5,
                      .key_source_dim = 6,
                      .value_source_dim = 6,
                      .output_dim = 7,
                      .extra_key = true,
                      .max_queries = 1,
                      .max_keys = 2};
constexpr Shape ring{.model_dim = 3, .heads = 1, .max_queries = 2, .window = 2, .sinks = 1};

// From the standard's definition, a byte at a time, so that it shares nothing with the library's.
std::uint32_t crc32(std::span<const std::byte> bytes, std::size_t skip) {
    static const auto table = [] {
        std::array<std::uint32_t, 256> made{};
        for (std::uint32_t i = 0; i < made.size(); ++i) {
            made[i] = i;
            for (int k = 0; k < 8; ++k)
                made[i] = (made[i] >> 1) ^ ((made[i] & 1u) != 0 ? 0xedb88320u : 0u);
        }
        return made;
    }();
    std::uint32_t state = ~0u;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i >= skip && i < skip + 4) continue;
        state = table[(state ^ static_cast<std::uint32_t>(bytes[i])) & 255u] ^ (state >> 8);
    }
    return ~state;
}

template <Shape S>
class Trial {
    using Layer = MultiHeadAttention<S>;

public:
    // Either the input itself, or a valid blob with some bytes changed: few inputs of the first
    // kind get past the magic number, most of the second do.
    explicit Trial(Input input) : repaired_(input.choice(2) == 1), blob_(size_for(input), 0, 0) {
        if (raw_) {
            if (blob_.span().size() > 0)
                std::memcpy(blob_.span().data(), input.rest().data(), blob_.span().size());
        } else {
            pack(blob_.span());
            while (!input.empty()) {
                const std::size_t at = input.template take<std::uint16_t>() % Layer::weights_bytes;
                blob_.span()[at] ^= input.template take<std::byte>();
            }
        }
        if (repaired_ && blob_.span().size() >= Layer::weights_bytes) repair();
    }

    void run() {
        const Result checked = check_weights(S, blob_.span());
        Layer layer;
        const Result opened = layer.open(best_port(), blob_.span());
        require(opened.status == checked.status, "open() and check_weights() agree");
        if (!opened.ok()) return;
        same_header();
        forward(layer);
        flip();
    }

private:
    static constexpr std::size_t checksum_at = offsetof(detail::WeightsHeader, checksum);

    std::size_t size_for(Input& input) {
        raw_ = input.choice(2) == 1;
        return raw_ ? input.rest().size() : Layer::weights_bytes;
    }

    static void pack(std::span<std::byte> to) {
        constexpr Shape s = Layer::shape;
        static float values[128];
        for (int i = 0; i < 128; ++i) values[i] = static_cast<float>(i % 5 - 2) * 0.25f;
        const auto part = [](int n) {
            return std::span<const float>(values).first(std::size_t(n));
        };
        const LayerTensors tensors{
            .query_weight = part(s.heads * s.head_dim * s.model_dim),
            .key_weight = part(s.kv_heads * s.head_dim * s.key_source_dim),
            .value_weight = part(s.kv_heads * s.value_dim * s.value_source_dim),
            .output_weight = part(s.output_dim * s.heads * s.value_dim),
            .extra_key = part(s.extra_key ? s.kv_heads * s.head_dim : 0),
            .extra_value = part(s.extra_key ? s.kv_heads * s.value_dim : 0)};
        require(Layer::pack(tensors, to).ok(), "a valid layer can be packed");
    }

    void repair() {
        const auto bytes = blob_.span().first(Layer::weights_bytes);
        const std::uint32_t sum = crc32(bytes, checksum_at);
        std::memcpy(bytes.data() + checksum_at, &sum, sizeof sum);
    }

    // Nothing of a header is free: what is accepted says what this layer's own says.
    void same_header() {
        const test::Arena own(Layer::weights_bytes);
        pack(own.span());
        require(std::memcmp(own.span().data(), blob_.span().data(), checksum_at) == 0,
                "an accepted header is the layer's own");
    }

    // Weights of any bits compute something, in the memory that is theirs.
    void forward(const Layer& layer) {
        const test::Arena state(Layer::state_bytes, 0, 0), scratch(Layer::scratch_bytes);
        float x[2 * 6] = {1, -2, 3, 0.5f, 4, -1, 2, 2, 1, 0, -3, 1}, y[2 * 8];
        for (float& v : y) v = 77.0f;
        constexpr Index rows = S.max_queries, width = Layer::shape.output_dim;
        const Attention how{.causal = true, .window_left = S.window > 0 ? S.window - 1 : -1};
        const Result r =
            layer.forward(rows_of(std::span(x), rows, Layer::shape.model_dim),
                          rows_of(std::span(y), rows, width), state.span(), scratch.span(), how);
        require(r.ok(), "an accepted layer computes");
        for (Index i = rows * width; i < 16; ++i)
            require(y[i] == 77.0f, "nothing beyond the output");
        require(state.intact() && scratch.intact(), "nothing before the arenas");
    }

    // A checksum that misses a single changed bit is none.
    void flip() {
        const auto bytes = blob_.span().first(Layer::weights_bytes);
        std::uint32_t at = 0;
        std::memcpy(&at, bytes.data() + checksum_at, sizeof at);
        at %= static_cast<std::uint32_t>(bytes.size() * 8);
        bytes[at / 8] ^= std::byte(1u << (at % 8));
        require(!check_weights(S, bytes).ok(), "a changed bit is noticed");
    }

    bool raw_ = false;
    bool repaired_;
    test::Arena blob_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    switch (input.choice(3)) {
        case 0:
            Trial<plain>(input).run();
            break;
        case 1:
            Trial<extra>(input).run();
            break;
        default:
            Trial<ring>(input).run();
    }
    return 0;
}
