// A ring that reuses its memory gives the same bits as a cache that keeps everything, for ever.
#include <doctest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include <headroom/headroom.hpp>

#include "support/index.hpp"
#include "support/run_layer.hpp"

namespace headroom::test {
namespace {

// The same layer with a cache that never forgets.
LayerCase contiguous_twin(std::uint64_t seed, std::int64_t most_tokens) {
    LayerCase c = random_case(Use::ring, seed, most_tokens);
    c.use = Use::self;
    c.shape.window = c.shape.sinks = 0;
    c.shape.max_keys = c.queries;
    return c;
}

TEST_CASE("layer ring: equals a contiguous cache with the same window and sinks") {
    std::int64_t most_turns = 0;
    for (int i = 0; i < repeats(150); ++i) {
        const std::uint64_t seed = 10000 + static_cast<std::uint64_t>(i);
        const LayerCase ring = random_case(Use::ring, seed, 400), twin = contiguous_twin(seed, 400);
        INFO("seed " << seed << " window " << ring.shape.window << " sinks " << ring.shape.sinks
                     << " tokens " << ring.queries);
        const CacheLayout layout(cache_shape(ring.shape));
        most_turns = std::max(most_turns, ring.queries / (layout.slots - layout.fixed));
        CHECK(layout.slots - layout.fixed >= ring.shape.window + ring.shape.max_queries - 1);

        const LayerOutcome want = run_layer(twin, {});
        REQUIRE(want.result.status == Status::ok);
        Random random(seed);
        for (const Port* port : runnable_ports()) {
            INFO(port->name);
            LayerRun run;
            run.ports = {port};
            run.cuts =
                random_cuts(ring.queries, random.between(1, 3 * ring.shape.max_queries), random);
            const LayerOutcome got = run_layer(ring, run);
            REQUIRE(got.result.status == Status::ok);
            CHECK(difference(want.y, got.y) == "");
            const auto tail = std::span(want.cached).last(got.cached.size());
            CHECK(difference(tail, got.cached) == "");
            CHECK(got.arenas_intact);
        }
    }
    if (repeats(150) == 150) CHECK(most_turns >= 8);
}

// A state with its layer, fed step by step; speculative tokens are taken back by truncate().
class Stepper {
public:
    explicit Stepper(const LayerCase& layer)
        : c_(layer),
          blob_(packed(layer.shape, layer.weights)),
          state_(state_bytes(layer.shape), 0, 0),
          scratch_(scratch_bytes(layer.shape)),
          layer_(layer.shape, best_port(), blob_.span()) {}

    std::vector<float> forward(const LayerInputs& in, std::int64_t tokens) {
        KvCache cache = open();
        const auto first = static_cast<std::size_t>(cache.size());
        const auto width = static_cast<std::size_t>(c_.shape.model_dim);
        const auto x =
            rows_of(std::span(in.x).subspan(first * width), index_of(tokens), c_.shape.model_dim);
        std::vector<float> y(static_cast<std::size_t>(tokens * c_.shape.output_dim));
        REQUIRE(layer_
                    .forward(x, rows_of(y, index_of(tokens), c_.shape.output_dim), state_.span(),
                             scratch_.span(), c_.how, c_.features(cache.size()))
                    .status == Status::ok);
        return y;
    }
    KvCache open() const {
        KvCache cache;
        REQUIRE(cache.open(cache_shape(c_.shape), state_.span()).status == Status::ok);
        return cache;
    }

private:
    const LayerCase& c_;
    Arena blob_, state_, scratch_;
    RuntimeLayer layer_;
};

TEST_CASE("layer ring: equal to the contiguous cache when tokens are taken back, too") {
    int taken_back = 0, refused = 0;
    for (int i = 0; i < repeats(60); ++i) {
        const std::uint64_t seed = 11000 + static_cast<std::uint64_t>(i);
        const LayerCase ring = random_case(Use::ring, seed, 300), twin = contiguous_twin(seed, 300);
        INFO("seed " << seed);
        const LayerInputs in(ring);
        Stepper a(ring), b(twin);
        Random random(seed);
        for (int step = 0; step < 60; ++step) {
            KvCache ring_cache = a.open(), twin_cache = b.open();
            REQUIRE(ring_cache.size() == twin_cache.size());
            const std::int64_t size = ring_cache.size(), left = ring.queries - size;
            if (random.chance(0.4) || left == 0) {
                const std::int64_t keep = std::max<std::int64_t>(0, size - random.between(0, 12));
                const Result result = ring_cache.truncate(keep);
                if (result.ok()) REQUIRE(twin_cache.truncate(keep).ok());
                ++(result.ok() ? taken_back : refused);
                continue;
            }
            const std::int64_t tokens = random.between(1, std::min<std::int64_t>(left, 20));
            CHECK(difference(b.forward(in, tokens), a.forward(in, tokens)) == "");
        }
    }
    CHECK(taken_back > 0);
    if (repeats(60) == 60) CHECK(refused > 0);
}

TEST_CASE("layer ring: cross-attention over a ring that was fed in pieces") {
    // The last `window` tokens of the context are what a query right behind them sees.
    const Shape shape = resolved({.model_dim = 12, .heads = 2, .max_queries = 6, .window = 20});
    LayerCase c;
    Random random(12000);
    c.shape = shape;
    c.weights = random_weights(shape, random);
    const std::int64_t tokens = 150;
    const std::vector<float> context = normals(random, static_cast<std::size_t>(tokens * 12)),
                             x = normals(random, 12);
    Shape contiguous = shape;
    contiguous.window = 0;
    contiguous.max_keys = tokens;

    const Arena blob = packed(shape, c.weights), scratch(scratch_bytes(shape));
    const Arena ring(state_bytes(shape), 0, 0), all(state_bytes(contiguous), 0, 0);
    const RuntimeLayer over_ring(shape, best_port(), blob.span()),
        over_all(contiguous, best_port(), blob.span());
    for (std::int64_t first = 0; first < tokens; first += 6) {
        const auto rows =
            rows_of(std::span(context).subspan(static_cast<std::size_t>(first * 12)), 6, 12);
        REQUIRE(over_ring.append_context(rows, rows, ring.span(), scratch.span(), {}).status ==
                Status::ok);
    }
    REQUIRE(over_all
                .append_context(rows_of(context, tokens, 12), rows_of(context, tokens, 12),
                                all.span(), scratch.span(), {})
                .status == Status::ok);
    const Attention how{.causal = true, .first_position = tokens - 1, .window_left = 19};
    std::vector<float> want(12), got(12);
    REQUIRE(over_all
                .attend_context(rows_of(x, 1, 12), rows_of(want, 1, 12), all.span(), scratch.span(),
                                how, {})
                .ok());
    REQUIRE(over_ring
                .attend_context(rows_of(x, 1, 12), rows_of(got, 1, 12), ring.span(), scratch.span(),
                                how, {})
                .status == Status::ok);
    CHECK(difference(want, got) == "");

    // Whoever asks for a token that is gone is told so.
    std::fill(got.begin(), got.end(), 7.0f);
    for (const Attention& beyond :
         {Attention{.causal = true, .first_position = tokens - 1, .window_left = 60},
          Attention{.causal = true, .first_position = tokens - 1}, Attention{}}) {
        CHECK(over_ring
                  .attend_context(rows_of(x, 1, 12), rows_of(got, 1, 12), ring.span(),
                                  scratch.span(), beyond, {})
                  .status == Status::bad_value);
        CHECK(got == std::vector<float>(12, 7.0f));
    }
}

}  // namespace
}  // namespace headroom::test
