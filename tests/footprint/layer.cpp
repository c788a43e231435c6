// A layer with a cache: prompts and decoding, weights packed beforehand.
#include <headroom/headroom.hpp>

namespace {

constexpr headroom::Shape shape{
    .model_dim = 64, .heads = 8, .kv_heads = 4, .max_queries = 16, .max_keys = 512};
using Layer = headroom::MultiHeadAttention<shape>;

}  // namespace

alignas(64) std::byte arena_state[Layer::state_bytes];
alignas(64) std::byte arena_scratch[Layer::scratch_bytes];

struct Inputs {
    std::span<const std::byte> weights;
    headroom::ConstRows x;
    headroom::Rows y;
    headroom::Attention how;
};
extern const Inputs* volatile inputs;
const Inputs* volatile inputs = nullptr;

extern "C" {
[[gnu::noipa]] bool entry_open(Layer& layer, const Inputs& in) {
    return layer.open(headroom::best_port(), in.weights).ok();
}
[[gnu::noipa]] bool entry_forward(const Layer& layer, const Inputs& in) {
    return layer.forward(in.x, in.y, arena_state, arena_scratch, in.how).ok();
}
[[gnu::noipa]] bool entry_clear() {
    headroom::KvCache cache;
    const bool open = Layer::cache(arena_state, cache).ok();
    cache.clear();
    return open;
}
}

int main() {
    const Inputs& in = *inputs;
    Layer layer;
    return entry_open(layer, in) && entry_clear() && entry_forward(layer, in) ? 0 : 1;
}
