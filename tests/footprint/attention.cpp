// The operator alone: causal, masked, fewer key heads than query heads; no layer.
#include <headroom/headroom.hpp>

namespace {

constexpr headroom::AttendShape shape{
    .max_queries = 16, .heads = 8, .kv_heads = 4, .key_width = 8, .value_width = 8};

}  // namespace

// What counts as the caller's memory is named arena_*, what counts as a call entry_*.
alignas(64) std::byte arena_scratch[headroom::scratch_bytes(shape)];

struct Inputs {
    headroom::ConstTensor query, key, value;
    headroom::Tensor out;
    headroom::Attention how;
    headroom::BoolMask mask;
};
extern const Inputs* volatile inputs;
const Inputs* volatile inputs = nullptr;

extern "C" [[gnu::noipa]] bool entry_attend(const Inputs& in) {
    return headroom::attend(headroom::best_port(), in.query, in.key, in.value, in.out,
                            arena_scratch, in.how, in.mask)
        .ok();
}

int main() { return entry_attend(*inputs) ? 0 : 1; }
