// The sizes are numbers that a static array can be made of; they grow with what they should and
// with nothing else, and one that would overflow is 0.
#include <doctest.h>

#include <cstddef>
#include <cstdint>
#include <limits>

#include <headroom/headroom.hpp>

#include "support/random.hpp"

namespace headroom::test {
namespace {

// ---- at compile time

constexpr Shape shape{
    .model_dim = 64, .heads = 8, .kv_heads = 4, .head_dim = 8, .max_queries = 16, .max_keys = 512};
using Layer = MultiHeadAttention<shape>;

alignas(64) static std::byte static_state[Layer::state_bytes];
alignas(64) static std::byte static_scratch[Layer::scratch_bytes];
alignas(64) static std::byte static_weights[Layer::weights_bytes];
alignas(64) static std::byte
    static_tile[scratch_bytes(AttendShape{.max_queries = 4, .key_width = 8})];

constexpr Shape with(std::int64_t max_keys, int max_queries = 16) {
    Shape s = shape;
    s.max_keys = max_keys;
    s.max_queries = max_queries;
    return s;
}
static_assert(Layer::scratch_bytes == scratch_bytes(with(1)),
              "scratch does not depend on the number of keys");
static_assert(Layer::scratch_bytes == scratch_bytes(with(std::int64_t{1} << 30)));
static_assert(scratch_bytes(with(512, 1)) < scratch_bytes(with(512, 16)));
static_assert(Layer::weights_bytes == weights_bytes(with(1, 1)));
static_assert(Layer::scratch_bytes_for(1) == Layer::scratch_bytes);
static_assert(Layer::scratch_bytes_for(3) > Layer::scratch_bytes);
static_assert(Layer::scratch_bytes_for(0) == 0);

// The cache is what the drawing says and nothing more: 512 tokens of 4 heads, 8 wide, twice.
static_assert(Layer::state_bytes == 64 + 4 * 512 * (8 + 8) * sizeof(float));
static_assert(state_bytes(with(513)) == 64 + 4 * 528 * (8 + 8) * sizeof(float),
              "whole panels of 16");
static_assert(Layer::state_bytes % 64 == 0 && Layer::scratch_bytes % 64 == 0 &&
              Layer::weights_bytes % 64 == 0);

static_assert(resolved(Shape{.model_dim = 12, .heads = 3}).head_dim == 4);
static_assert(resolved(Shape{.model_dim = 12, .heads = 3}).kv_heads == 3);
static_assert(resolved(Shape{.model_dim = 12, .heads = 3}).value_dim == 4);
static_assert(resolved(Shape{.model_dim = 12, .heads = 3, .head_dim = 5}).value_dim == 5);
static_assert(resolved(Shape{.model_dim = 12, .heads = 3}).key_source_dim == 12);
static_assert(resolved(Shape{.model_dim = 12, .heads = 3}).value_source_dim == 12);
static_assert(resolved(Shape{.model_dim = 12, .heads = 3}).output_dim == 12);
static_assert(resolved(Layer::shape).head_dim == Layer::shape.head_dim,
              "resolving twice changes nothing");

static_assert(valid(shape));
static_assert(valid(Shape{.model_dim = 1, .max_keys = 1}));
static_assert(valid(Shape{.model_dim = 65536, .heads = 4096, .max_queries = 65536, .max_keys = 1}));
static_assert(!valid(Shape{}));
static_assert(!valid(Shape{.model_dim = 8}), "no cache");
static_assert(!valid(Shape{.model_dim = 10, .heads = 3, .max_keys = 1}), "10 is not 3 heads");
static_assert(valid(Shape{.model_dim = 10, .heads = 3, .head_dim = 2, .max_keys = 1}));
static_assert(!valid(Shape{.model_dim = 65537, .max_keys = 1}));
static_assert(!valid(Shape{.model_dim = -8, .max_keys = 1}));
static_assert(!valid(Shape{.model_dim = 8, .heads = 0, .head_dim = 8, .max_keys = 1}));
static_assert(!valid(Shape{.model_dim = 8, .heads = 4097, .head_dim = 8, .max_keys = 1}));
static_assert(!valid(Shape{.model_dim = 8, .heads = 4, .kv_heads = 3, .max_keys = 1}));
static_assert(!valid(Shape{.model_dim = 8, .heads = 4, .kv_heads = -1, .max_keys = 1}));
static_assert(!valid(Shape{.model_dim = 8, .heads = 4, .kv_heads = 8, .max_keys = 1}));
static_assert(!valid(Shape{.model_dim = 8, .value_dim = -1, .max_keys = 1}));
static_assert(!valid(Shape{.model_dim = 8, .rotary_dim = 3, .max_keys = 1}));
static_assert(!valid(Shape{.model_dim = 8, .rotary_dim = 10, .max_keys = 1}));
static_assert(!valid(Shape{.model_dim = 8, .rotary_dim = -2, .max_keys = 1}));
static_assert(!valid(Shape{.model_dim = 8, .max_queries = 0, .max_keys = 1}));
static_assert(!valid(Shape{.model_dim = 8, .max_queries = 65537, .max_keys = 1}));
static_assert(!valid(Shape{.model_dim = 8, .max_keys = -1}));
static_assert(!valid(Shape{.model_dim = 8, .window = -1}));
static_assert(!valid(Shape{.model_dim = 8, .window = 4, .sinks = -1}));
static_assert(valid(Shape{.model_dim = 8, .window = 4, .sinks = 1}), "a ring needs no max_keys");

static_assert(state_bytes(Shape{}) == 0 && scratch_bytes(Shape{}) == 0 &&
              weights_bytes(Shape{}) == 0);
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr Index most_index = std::numeric_limits<Index>::max();
constexpr int most_int = std::numeric_limits<int>::max();
static_assert(state_bytes(CacheShape{.max_keys = most}) == 0);
static_assert(state_bytes(CacheShape{
                  .kv_heads = 4096, .key_width = 65536, .max_keys = std::int64_t{1} << 40}) == 0);
static_assert(state_bytes(CacheShape{
                  .kv_heads = most_int, .key_width = most_int, .max_keys = 1 << 30}) == 0);
static_assert(state_bytes(CacheShape{.kv_heads = -1, .max_keys = 5}) == 0);
static_assert(state_bytes(CacheShape{.key_width = 0, .max_keys = 5}) == 0);
static_assert(state_bytes(CacheShape{.window = most}) == 0);
static_assert(state_bytes(CacheShape{.window = 1, .sinks = most}) == 0);
static_assert(state_bytes(CacheShape{.window = 1, .max_queries = most}) == 0);
static_assert(state_bytes(CacheShape{.window = 1, .max_queries = 0}) == 0);
static_assert(scratch_bytes(AttendShape{.key_width = most_index}) == 0);
static_assert(scratch_bytes(AttendShape{.max_queries = most_index}) ==
              scratch_bytes(AttendShape{.max_queries = 48}));
static_assert(scratch_bytes(AttendShape{.max_queries = 0}) == 0);
static_assert(scratch_bytes(AttendShape{.heads = 3, .kv_heads = 2}) == 0);

// ---- at run time

TEST_CASE("sizes: static arrays of them are all that a layer needs") {
    const float zeros[64 * 64] = {};
    const std::span<const float> all(zeros);
    const LayerTensors tensors{all, all.first(32 * 64), all.first(32 * 64), all, {}, {}, {}, {}, {},
                               {}};
    REQUIRE(Layer::pack(tensors, static_weights).status == Status::ok);
    Layer layer;
    REQUIRE(layer.open(best_port(), static_weights).status == Status::ok);
    float x[64] = {}, y[64] = {};
    CHECK(
        layer.forward(rows_of(x, 1, 64), rows_of(y, 1, 64), static_state, static_scratch).status ==
        Status::ok);
    float q[4 * 8] = {}, out[4 * 8];
    const auto query = token_major(q, 4, 1, 8);
    CHECK(attend(best_port(), query, query, query, token_major(out, 4, 1, 8), static_tile).status ==
          Status::ok);
}

Shape random_valid_shape(Random& random) {
    const auto pick = [&](int low, int high) {
        return static_cast<int>(random.between(low, high));
    };
    Shape s{.model_dim = pick(1, 300),
            .heads = 1,
            .kv_heads = pick(1, 8),
            .head_dim = pick(2, 80),
            .max_queries = pick(1, 100),
            .max_keys = pick(1, 1000)};
    s.heads = s.kv_heads * pick(1, 8);
    if (random.chance(0.5)) s.window = pick(1, 500), s.sinks = pick(0, 50);
    return s;
}

TEST_CASE("sizes: more of anything never needs less memory") {
    Random random(1);
    for (int i = 0; i < repeats(5000); ++i) {
        const Shape s = random_valid_shape(random);
        REQUIRE(valid(s));
        REQUIRE(state_bytes(s) % 64 == 0);
        const auto grown = [&](auto change) {
            Shape larger = s;
            change(larger);
            REQUIRE(valid(larger));
            CHECK(state_bytes(larger) >= state_bytes(s));
            CHECK(scratch_bytes(larger) >= scratch_bytes(s));
            CHECK(weights_bytes(larger) >= weights_bytes(s));
        };
        const int more = static_cast<int>(random.between(1, 40));
        grown([&](Shape& l) { l.max_keys += more; });
        grown([&](Shape& l) { l.max_queries += more; });
        grown([&](Shape& l) { l.sinks += more; });
        grown([&](Shape& l) {
            if (l.window > 0) l.window += more;
        });
        grown([&](Shape& l) { l.head_dim += more; });
        grown([&](Shape& l) { l.value_dim = resolved(s).value_dim + more; });
        grown([&](Shape& l) { l.model_dim += more; });
        grown([&](Shape& l) { l.heads *= 2; });
        grown([&](Shape& l) { l.heads *= 2, l.kv_heads *= 2; });
        grown([&](Shape& l) { l.extra_key = true; });
        grown([&](Shape& l) { l.rotary_dim = 2; });
        CHECK(scratch_bytes(s, 2) >= scratch_bytes(s, 1));
        Shape other_keys = s;
        other_keys.max_keys = 1 + random.between(0, 1 << 20);
        CHECK(scratch_bytes(other_keys) == scratch_bytes(s));
    }
}

TEST_CASE("sizes: attend's scratch for a bound serves every call within it") {
    Random random(2);
    for (int i = 0; i < repeats(5000); ++i) {
        const auto pick = [&](std::int64_t high) {
            return static_cast<Index>(random.between(1, high));
        };
        AttendShape bound{.max_queries = pick(80),
                          .heads = 1,
                          .kv_heads = pick(6),
                          .key_width = pick(100),
                          .value_width = pick(100)};
        bound.heads = bound.kv_heads * pick(8);
        // Any number of heads, but no more query heads for each key head.
        AttendShape call{.max_queries = pick(bound.max_queries),
                         .heads = 1,
                         .kv_heads = pick(9),
                         .key_width = pick(bound.key_width),
                         .value_width = pick(200)};
        call.heads = call.kv_heads * pick(bound.heads / bound.kv_heads);
        INFO("bound " << bound.max_queries << " " << bound.heads << "/" << bound.kv_heads
                      << " call " << call.max_queries << " " << call.heads << "/" << call.kv_heads);
        CHECK(scratch_bytes(call) <= scratch_bytes(bound));
    }
}

}  // namespace
}  // namespace headroom::test
