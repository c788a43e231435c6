// Every way in which a layer refuses a call: the status, the number of the argument, and not one
// byte of output or state changed.
#include <doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <vector>

#include <headroom/headroom.hpp>

#include "support/fake_port.hpp"
#include "support/layer_support.hpp"

namespace headroom::test {
namespace {

constexpr Shape self_shape{
    .model_dim = 8, .heads = 2, .rotary_dim = 4, .max_queries = 4, .max_keys = 10};
constexpr Shape ring_shape{.model_dim = 8, .heads = 2, .max_queries = 4, .window = 6, .sinks = 2};
constexpr Shape cross_shape{.model_dim = 8,
                            .heads = 2,
                            .key_source_dim = 5,
                            .value_source_dim = 7,
                            .output_dim = 9,
                            .max_queries = 4,
                            .max_keys = 10};

template <Shape S>
struct Bench {
    using Layer = MultiHeadAttention<S>;
    static constexpr int in = Layer::shape.model_dim, out = Layer::shape.output_dim;

    Bench()
        : x_data(static_cast<std::size_t>(6 * in), 0.5f),
          y_data(static_cast<std::size_t>(6 * out), 7.0f) {
        Random random(1);
        weights = random_weights(S, random);
        REQUIRE(Layer::pack(weights.tensors(), blob.span()).ok());
        REQUIRE(layer.open(best_port(), blob.span()).ok());
        remember();
    }

    ConstRows x(Index n) const { return rows_of(std::span(x_data), n, in); }
    Rows y(Index n) { return rows_of(y_data, n, out); }
    void remember() {
        state_hash = hash_bytes(state.span());
        y_before = y_data;
        x_before = x_data;
    }

    // The status, one of the arguments, and nothing changed.
    void refused(const Result& result, Status status, std::initializer_list<int> arguments) const {
        CHECK(result.status == status);
        CHECK(std::find(arguments.begin(), arguments.end(), result.argument) != arguments.end());
        CHECK(hash_bytes(state.span()) == state_hash);
        CHECK(y_data == y_before);
        CHECK(x_data == x_before);
        CHECK(state.intact());
    }

    LayerWeights weights;
    Arena blob{Layer::weights_bytes}, state{Layer::state_bytes, 0, 0},
        scratch{Layer::scratch_bytes};
    Layer layer;
    std::vector<float> x_data, y_data, x_before, y_before;
    std::uint64_t state_hash = 0;
};

constexpr std::size_t shifts[] = {1, 2, 4, 8, 16, 32, 48, 63};

TEST_CASE("layer errors: open") {
    using Layer = MultiHeadAttention<self_shape>;
    Bench<self_shape> b;
    Layer layer;
    const auto check = [&](const Port& port, std::span<const std::byte> blob, Status status,
                           int argument) {
        const Result result = layer.open(port, blob);
        CHECK(result.status == status);
        CHECK(result.argument == argument);
        // The layer is as before: not open.
        b.refused(layer.forward(b.x(1), b.y(1), b.state.span(), b.scratch.span()), Status::not_open,
                  {0});
    };
    const std::size_t bytes = Layer::weights_bytes;
    check(unsupported_port(), b.blob.span(), Status::unsupported_port, 1);
    check(best_port(), b.blob.span().first(bytes - 1), Status::too_small, 2);
    check(best_port(), {}, Status::too_small, 2);
    for (const std::size_t shift : shifts) {
        const Arena moved(bytes, shift);
        std::memcpy(moved.span().data(), b.blob.span().data(), bytes);
        check(best_port(), moved.span(), Status::misaligned, 2);
    }
    const Arena other(bytes);
    std::memcpy(other.span().data(), b.blob.span().data(), bytes);
    other.span()[0] ^= std::byte{1};
    check(best_port(), other.span(), Status::bad_weights, 2);
    other.span()[0] ^= std::byte{1};
    other.span()[bytes - 1] ^= std::byte{0x10};
    check(best_port(), other.span(), Status::bad_checksum, 2);

    // An open layer stays open when a second open is refused.
    CHECK(b.layer.open(best_port(), other.span()).status == Status::bad_checksum);
    CHECK(b.layer.forward(b.x(1), b.y(1), b.state.span(), b.scratch.span()).ok());
}

TEST_CASE("layer errors: no call works before open") {
    using Layer = MultiHeadAttention<cross_shape>;
    Bench<cross_shape> b;
    const Layer closed;
    const std::vector<float> keys(5), values(7);
    b.refused(closed.append_context(rows_of(keys, 1, 5), rows_of(values, 1, 7), b.state.span(),
                                    b.scratch.span()),
              Status::not_open, {0});
    b.refused(closed.attend_context(b.x(1), b.y(1), b.state.span(), b.scratch.span()),
              Status::not_open, {0});
}

TEST_CASE("layer errors: one byte less, or not aligned") {
    Bench<self_shape> b;
    const auto state = b.state.span(), scratch = b.scratch.span();
    const auto run = [&](std::span<std::byte> with_state, std::span<std::byte> with_scratch) {
        return b.layer.forward(b.x(3), b.y(3), with_state, with_scratch);
    };
    b.refused(run(state.first(state.size() - 1), scratch), Status::too_small, {3});
    b.refused(run({}, scratch), Status::too_small, {3});
    b.refused(run(state, scratch.first(scratch.size() - 1)), Status::too_small, {4});
    b.refused(run(state, {}), Status::too_small, {4});
    for (const std::size_t shift : shifts) {
        const Arena moved_state(state.size(), shift, 0), moved_scratch(scratch.size(), shift);
        b.refused(run(moved_state.span(), scratch), Status::misaligned, {3});
        b.refused(run(state, moved_scratch.span()), Status::misaligned, {4});
    }
    const std::size_t two = MultiHeadAttention<self_shape>::scratch_bytes_for(2);
    const Arena large(two);
    Executor executor{2, nullptr,
                      [](void*, int tasks, void (*task)(void*, int, int), void* argument) {
                          for (int i = 0; i < tasks; ++i) task(argument, i, i % 2);
                      }};
    const auto threaded = [&](std::span<std::byte> with_scratch) {
        return b.layer.forward(b.x(3), b.y(3), state, with_scratch, {}, executor);
    };
    b.refused(threaded(large.span().first(two - 1)), Status::too_small, {4});
    executor.workers = 0;
    b.refused(threaded(large.span()), Status::bad_value, {6});
    executor.workers = 2;
    const auto good = executor.run;
    executor.run = nullptr;
    b.refused(threaded(large.span()), Status::bad_value, {6});
    b.refused(threaded(scratch), Status::bad_value, {6});  // the executor, not the scratch it needs
    executor.run = good;
    CHECK(threaded(large.span()).ok());
}

TEST_CASE("layer errors: rows that do not fit") {
    Bench<self_shape> b;
    const auto run = [&](ConstRows x, Rows y) {
        return b.layer.forward(x, y, b.state.span(), b.scratch.span());
    };
    const auto with = [](auto rows, auto change) {
        change(rows);
        return rows;
    };
    b.refused(run(with(b.x(3), [](auto& r) { r.width = 7; }), b.y(3)), Status::bad_shape, {1});
    b.refused(run(with(b.x(3), [](auto& r) { r.rows = -1; }), b.y(3)), Status::bad_shape, {1});
    b.refused(run(with(b.x(3), [](auto& r) { r.stride = -8; }), b.y(3)), Status::bad_shape, {1});
    b.refused(run(with(b.x(3), [](auto& r) { r.data = r.data.first(23); }), b.y(3)),
              Status::too_small, {1});
    b.refused(run(with(b.x(3), [](auto& r) { r.stride = std::numeric_limits<Index>::max() / 2; }),
                  b.y(3)),
              Status::too_small, {1});
    b.refused(run(b.x(3), with(b.y(3), [](auto& r) { r.width = 9; })), Status::bad_shape, {2});
    b.refused(
        run(b.x(3), with(b.y(3), [](auto& r) { r.width = std::numeric_limits<Index>::min(); })),
        Status::bad_shape, {2});
    b.refused(run(b.x(3), b.y(2)), Status::bad_shape, {2});
    b.refused(run(b.x(3), with(b.y(3), [](auto& r) { r.data = r.data.first(23); })),
              Status::too_small, {2});
    b.refused(run(b.x(3), with(b.y(3), [](auto& r) { r.stride = 7; })), Status::bad_shape,
              {2});  // rows on rows
    b.refused(run(b.x(0), b.y(0)), Status::ok, {0});
}

TEST_CASE("layer errors: a full cache") {
    Bench<self_shape> b;
    const auto run = [&](Index tokens) {
        return b.layer.forward(b.x(tokens), b.y(tokens), b.state.span(), b.scratch.span());
    };
    REQUIRE(run(6).ok());
    b.remember();
    b.refused(run(5), Status::cache_full,
              {0, 1, 3});  // longer than max_queries: no slice may have run
    REQUIRE(run(4).ok());
    b.remember();
    b.refused(run(1), Status::cache_full, {0, 1, 3});
    b.refused(run(0), Status::ok, {0});
}

TEST_CASE("layer errors: a state of another kind") {
    Bench<self_shape> b;
    std::memset(b.state.span().data(), 0xff, 64);
    b.remember();
    b.refused(b.layer.forward(b.x(1), b.y(1), b.state.span(), b.scratch.span()), Status::bad_state,
              {3});
    KvCache cache;
    const Result result = MultiHeadAttention<self_shape>::cache(b.state.span(), cache);
    CHECK(result.status == Status::bad_state);
    CHECK(result.argument == 1);
    CHECK_FALSE(cache.is_open());
}

TEST_CASE("layer errors: options") {
    Bench<self_shape> b;
    const auto run = [&](const Attention& how) {
        return b.layer.forward(b.x(3), b.y(3), b.state.span(), b.scratch.span(), how);
    };
    constexpr float infinite = std::numeric_limits<float>::infinity(),
                    nan = std::numeric_limits<float>::quiet_NaN();
    for (const float scale : {infinite, -infinite, nan})
        b.refused(run({.scale = scale}), Status::bad_value, {5});
    for (const std::int64_t window : {std::int64_t{-2}, std::numeric_limits<std::int64_t>::min()}) {
        b.refused(run({.window_left = window}), Status::bad_value, {5});
        b.refused(run({.window_right = window}), Status::bad_value, {5});
    }
    b.refused(run({.sink_tokens = -1}), Status::bad_value, {5});
    const std::int64_t less[] = {-1}, more[] = {4}, two[] = {1, 1};
    b.refused(run({.valid_keys = less}), Status::bad_value, {5});
    b.refused(run({.valid_keys = more}), Status::bad_value, {5});
    b.refused(run({.valid_keys = two}), Status::bad_shape, {5});

    // Positions are the cache's: whatever is given instead changes nothing, and is no error.
    CHECK(run({.causal = true}).ok());
    const std::vector<float> want = b.y_data;
    const std::int64_t far[] = {std::numeric_limits<std::int64_t>::min(), 7};
    for (const Attention& how : {Attention{.causal = true, .first_position = far[0]},
                                 Attention{.causal = true, .first_positions = far}}) {
        KvCache cache;
        REQUIRE(decltype(b)::Layer::cache(b.state.span(), cache).ok());
        cache.clear();
        CHECK(run(how).ok());
        CHECK(b.y_data == want);
    }
}

TEST_CASE("layer errors: an extra key is the weights' or the call's, not both") {
    static constexpr Shape with_key{
        .model_dim = 8, .heads = 2, .extra_key = true, .max_queries = 4, .max_keys = 10};
    Bench<with_key> b;
    const std::vector<float> key(8), value(8);
    const ExtraKey extra{key, value};
    const auto x = b.x(3);
    b.refused(b.layer.forward(x, b.y(3), b.state.span(), b.scratch.span(), {}, extra),
              Status::bad_value, {6});
    b.refused(
        b.layer.forward(x, b.y(3), b.state.span(), b.scratch.span(), {}, Softcap{2.0f}, extra),
        Status::bad_value, {7});
    CHECK(b.layer.forward(x, b.y(3), b.state.span(), b.scratch.span()).ok());
}

TEST_CASE("layer errors: a feature has its place's number, wherever a rotary embedding stands") {
    Bench<self_shape> b;
    const RotaryComputed rotary{{.dim = 4}};
    const Softcap cap{2.0f}, none{0.0f};
    const ZeroKey zero_key;
    const auto run = [&](const auto&... features) {
        return b.layer.forward(b.x(3), b.y(3), b.state.span(), b.scratch.span(), {}, features...);
    };
    b.refused(run(none, rotary), Status::bad_value, {6});
    b.refused(run(rotary, none), Status::bad_value, {7});
    b.refused(run(zero_key, rotary, none), Status::bad_value, {8});
    b.refused(run(RotaryComputed{{.dim = 3}}, none), Status::bad_value, {6, 7});
    b.refused(run(cap, RotaryComputed{{.dim = 3}}), Status::bad_value, {7});
    CHECK(run(rotary, cap).ok());
}

TEST_CASE("layer errors: a ring must be told of its window") {
    Bench<ring_shape> b;
    const auto run = [&](const Attention& how) {
        return b.layer.forward(b.x(3), b.y(3), b.state.span(), b.scratch.span(), how);
    };
    b.refused(run({}), Status::bad_value, {5});
    b.refused(run({.causal = true}), Status::bad_value, {5});
    b.refused(run({.window_left = 5}), Status::bad_value, {5});
    b.refused(run({.causal = true, .window_left = 6}), Status::bad_value, {5});
    b.refused(run({.causal = true, .window_left = 5, .sink_tokens = 3}), Status::bad_value, {5});
    CHECK(run({.causal = true, .window_left = 5, .sink_tokens = 2}).ok());
    CHECK(run({.causal = true, .window_left = 0}).ok());
}

}  // namespace
}  // namespace headroom::test
