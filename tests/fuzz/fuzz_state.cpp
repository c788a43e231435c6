// A cache's state, as it may come back from retention RAM, and everything one can do with a cache:
// whatever the header holds, it is refused, or all that follows stays inside the state.
#include <cstddef>
#include <cstdint>

#include <headroom/headroom.hpp>

#include "fuzz/input.hpp"
#include "support/memory.hpp"

namespace {

using namespace headroom;
using fuzz::Input;
using fuzz::require;

constexpr CacheShape shapes[] = {
    {.kv_heads = 2, .key_width = 3, .value_width = 2, .max_keys = 21},
    {.kv_heads = 1, .key_width = 2, .value_width = 3, .window = 5, .sinks = 3, .max_queries = 4},
    {.kv_heads = 1, .key_width = 1, .value_width = 1, .window = 33, .sinks = 0, .max_queries = 17},
};
constexpr Index most_tokens = 24, widest = 8;

class Session {
public:
    Session(const CacheShape& shape, Input& input)
        : shape_(shape),
          input_(input),
          state_(state_bytes(shape), 0, 0),
          other_(state_bytes(shape), 0, 0) {
        for (float& value : numbers_) value = static_cast<float>(input.take<std::int8_t>());
        const std::size_t n = input.choice(2) == 0 ? 16 : 64;  // the fields in use, or all
        for (std::size_t i = 0; i < n; ++i) state_.span()[i] = input.take<std::byte>();
    }

    void run() {
        if (!cache_.open(shape_, state_.span()).ok()) return;
        require(second_.open(shape_, other_.span()).ok(), "zeros are an empty cache");
        for (int steps = 0; steps < 32 && !input_.empty(); ++steps) {
            step();
            require(cache_.size() >= 0 && cache_.size() <= cache_.capacity(), "a size in range");
            KvCache again;
            require(again.open(shape_, state_.span()).ok(), "what a cache wrote, it accepts");
            require(state_.intact() && other_.intact(), "nothing before the states");
        }
    }

private:
    void step() {
        switch (input_.choice(6)) {
            case 0:
                append();
                break;
            case 1:
                attend_to_it();
                break;
            case 2:
                (void)cache_.truncate(input_.take<std::int64_t>());
                break;
            case 3:
                (void)cache_.truncate(cache_.size() - static_cast<Index>(input_.choice(8)));
                break;
            case 4:
                (void)(input_.choice(2) == 0 ? second_.copy_from(cache_)
                                             : cache_.copy_from(second_));
                break;
            default:
                cache_.clear();
        }
    }

    void append() {
        const Index tokens = static_cast<Index>(input_.choice(most_tokens));
        const std::int64_t before = cache_.size();
        const Result r = cache_.append(view(tokens, shape_.kv_heads, shape_.key_width),
                                       view(tokens, shape_.kv_heads, shape_.value_width));
        require(cache_.size() == before + (r.ok() ? tokens : 0), "appended all or nothing");
    }

    void attend_to_it() {
        const Index queries = 1 + static_cast<Index>(input_.choice(4));
        const bool is_ring = shape_.window > 0;
        Attention how{.causal = input_.choice(2) == 1,
                      .first_position = input_.choice(4) == 0 ? input_.take<std::int64_t>()
                                                              : cache_.size() - queries,
                      .window_left = is_ring ? static_cast<std::int64_t>(input_.choice(40)) : -1};
        how.sink_tokens = static_cast<std::int64_t>(input_.choice(4));
        const AttendShape bound{queries, shape_.kv_heads, shape_.kv_heads, shape_.key_width,
                                shape_.value_width};
        const test::Arena scratch(scratch_bytes(bound));
        float out[4 * widest];
        for (float& value : out) value = 77.0f;
        const Result r =
            attend(best_port(), view(queries, shape_.kv_heads, shape_.key_width), cache_,
                   token_major(std::span(out), queries, shape_.kv_heads, shape_.value_width),
                   scratch.span(), how);
        const Index written = r.ok() ? queries * shape_.kv_heads * shape_.value_width : 0;
        for (Index i = written; i < 4 * widest; ++i)
            require(out[i] == 77.0f, "nothing beyond the output");
        require(scratch.intact(), "nothing before the scratch");
    }

    ConstTensor view(Index tokens, Index heads, Index width) const {
        return token_major(std::span(numbers_), tokens, heads, width);
    }

    const CacheShape& shape_;
    Input& input_;
    test::Arena state_, other_;
    KvCache cache_, second_;
    float numbers_[most_tokens * widest];
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const CacheShape& shape = shapes[input.choice(std::size(shapes))];
    Session(shape, input).run();
    return 0;
}
