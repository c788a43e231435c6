// The promise that makes ports, threads and cuts free: the same tokens give the same bits.
#include <doctest.h>

#include <cstdint>
#include <vector>

#include <headroom/headroom.hpp>

#include "support/layer_oracle.hpp"
#include "support/run_layer.hpp"

namespace headroom::test {
namespace {

// A causal layer of chosen size; the small random ones are drawn by random_case.
LayerCase causal_case(const Shape& shape, std::int64_t tokens, std::uint64_t seed) {
    Random random(seed);
    LayerCase c;
    c.seed = seed;
    c.use = shape.window > 0 ? Use::ring : Use::self;
    c.shape = resolved(shape);
    c.queries = c.keys = tokens;
    c.how.causal = true;
    c.weights = random_weights(shape, random);
    return c;
}

LayerCase random_causal_case(std::uint64_t seed, std::int64_t most_tokens) {
    LayerCase c = random_case(Use::self, seed, most_tokens);
    c.how.causal = true;
    return c;
}

TEST_CASE("layer bits: every port equals the scalar port, from one number to 8 heads of 64") {
    constexpr Shape shapes[] = {
        {.model_dim = 1, .max_queries = 1, .max_keys = 70},
        {.model_dim = 15, .heads = 3, .max_queries = 17, .max_keys = 70},
        {.model_dim = 33,
         .heads = 4,
         .kv_heads = 2,
         .head_dim = 17,
         .value_dim = 31,
         .output_dim = 65,
         .max_queries = 48,
         .max_keys = 70},
        {.model_dim = 48,
         .heads = 12,
         .kv_heads = 1,
         .extra_key = true,
         .max_queries = 6,
         .max_keys = 70},
        {.model_dim = 64,
         .heads = 50,
         .kv_heads = 1,
         .head_dim = 4,
         .max_queries = 5,
         .max_keys = 70},
    };
    for (const Shape& shape : shapes) {
        const LayerCase c = causal_case(shape, 70, 20);
        const LayerOracle oracle(c);
        for (const Port* port : runnable_ports()) {
            INFO(port->name << " model " << shape.model_dim);
            LayerRun run;
            run.ports = {port};
            oracle.check(run);
        }
    }
    const LayerCase large = causal_case({.model_dim = 256,
                                         .heads = 8,
                                         .kv_heads = 4,
                                         .head_dim = 64,
                                         .max_queries = 64,
                                         .max_keys = 300},
                                        repeats(300), 21);
    const LayerOracle oracle(large);
    for (const Port* port : runnable_ports()) {
        if (port == &scalar_port()) continue;
        INFO(port->name);
        LayerRun run;
        run.ports = {port};
        run.cuts = {large.queries - 1, 1};
        oracle.check(run);
    }
}

TEST_CASE("layer bits: every remainder of the widths, on every port") {
    for (int width = 1; width <= 34; ++width) {
        const LayerCase c = causal_case({.model_dim = width,
                                         .head_dim = width,
                                         .value_dim = 35 - width,
                                         .output_dim = width % 7 + 30,
                                         .max_queries = 9,
                                         .max_keys = 9},
                                        9, 30 + static_cast<std::uint64_t>(width));
        const LayerOracle oracle(c);
        for (const Port* port : runnable_ports()) {
            INFO(port->name << " width " << width);
            LayerRun run;
            run.ports = {port};
            oracle.check(run);
        }
    }
}

TEST_CASE(
    "layer bits: however the sequence is cut, whatever max_queries is, port by port in turns") {
    for (int i = 0; i < repeats(150); ++i) {
        const LayerCase c = random_causal_case(2000 + static_cast<std::uint64_t>(i), 80);
        INFO("seed " << c.seed);
        const LayerOracle oracle(c);
        Random random(c.seed);
        for (const Port* port : runnable_ports()) {
            INFO(port->name);
            LayerRun run;
            run.ports = {port};
            run.max_queries = static_cast<int>(random.between(1, 7));  // the call runs in slices
            oracle.check(run);
            run.cuts.assign(static_cast<std::size_t>(c.queries), 1);  // token by token
            oracle.check(run);
            run.cuts = random_cuts(c.queries, random.between(1, 40), random);
            run.max_queries = static_cast<int>(random.between(1, 64));
            oracle.check(run);
        }
        LayerRun turns;
        turns.ports = runnable_ports();
        turns.cuts = random_cuts(c.queries, random.between(1, 9), random);
        oracle.check(turns);
    }
}

TEST_CASE("layer bits: cuts across the edges of blocks and panels") {
    const LayerCase c =
        causal_case({.model_dim = 12, .heads = 2, .kv_heads = 1, .max_keys = 300}, 300, 22);
    const LayerOracle oracle(c);
    for (const Port* port : runnable_ports()) {
        for (const std::vector<std::int64_t>& cuts : {std::vector<std::int64_t>{127, 1, 1, 171},
                                                      {128, 128, 44},
                                                      {129, 171},
                                                      {1, 299},
                                                      {16, 48, 64, 172}}) {
            INFO(port->name << " first cut " << cuts[0]);
            LayerRun run;
            run.ports = {port};
            run.cuts = cuts;
            run.max_queries = 50;
            oracle.check(run);
        }
    }
}

TEST_CASE("layer bits: cross-attention, cut and on every port") {
    for (int i = 0; i < repeats(80); ++i) {
        const LayerCase c = random_case(Use::cross, 3000 + static_cast<std::uint64_t>(i), 60);
        INFO("seed " << c.seed);
        const LayerOracle oracle(c);
        Random random(c.seed);
        for (const Port* port : runnable_ports()) {
            INFO(port->name);
            LayerRun run;
            run.ports = {port};
            run.cuts = random_cuts(c.queries, c.queries, random);
            run.max_queries = static_cast<int>(random.between(1, 50));
            oracle.check(run);
        }
    }
}

TEST_CASE(
    "layer bits: what scratch holds before, gaps between rows, and writing over x change nothing") {
    for (int i = 0; i < repeats(60); ++i) {
        const LayerCase c = random_case(i % 2 == 0 ? Use::self : Use::ring,
                                        4000 + static_cast<std::uint64_t>(i), 60);
        INFO("seed " << c.seed);
        const LayerOracle oracle(c);
        for (const int fill : {0x00, 0x3f, 0x7f, 0xff}) {  // zeros, a number, a huge one, NaN
            LayerRun run;
            run.ports = {&some_port(i / 2)};
            run.scratch_fill = fill;
            run.gap = fill & 7;
            run.in_place = c.shape.output_dim == c.shape.model_dim && fill > 0x3f;
            oracle.check(run);
        }
    }
}

TEST_CASE("layer bits: angles computed in the call equal those of built tables") {
    for (int i = 0; i < repeats(60); ++i) {
        LayerCase c = random_causal_case(7000 + static_cast<std::uint64_t>(i), 60);
        INFO("seed " << c.seed);
        Random random(c.seed + 1);
        c.shape.head_dim = static_cast<int>(random.between(4, 40));
        c.weights = random_weights(c.shape, random);
        c.rotary = {.dim = 2 * static_cast<int>(random.between(2, c.shape.head_dim / 2)),
                    .base = random.chance(0.5) ? 10000.0 : 1e6,
                    .scaling = random.pick({RotaryScaling::none, RotaryScaling::linear,
                                            RotaryScaling::ntk, RotaryScaling::yarn}),
                    .factor = 4.0,
                    .original_positions = 32};
        c.rotary_computed = false;
        c.shape.rotary_dim = 0;
        const std::size_t elements = rotary_table_size(c.rotary.dim, c.queries);
        c.cos.assign(elements, 0.0f);
        c.sin.assign(elements, 0.0f);
        REQUIRE(build_rotary(c.rotary, 0, c.queries, c.cos, c.sin).status == Status::ok);
        const LayerOracle oracle(c);

        LayerCase computed = random_causal_case(c.seed, 60);
        computed.shape = c.shape;
        computed.weights = c.weights;
        computed.rotary = c.rotary;
        computed.rotary_computed = true;
        computed.shape.rotary_dim = c.rotary.dim;
        computed.pairs = c.pairs;
        for (const Port* port : runnable_ports()) {
            INFO(port->name);
            LayerRun run;
            run.ports = {port};
            run.cuts = random_cuts(c.queries, c.queries, random);
            const LayerOutcome got = run_layer(computed, run);
            REQUIRE(got.result.status == Status::ok);
            CHECK(difference(oracle.want.y, got.y) == "");
            CHECK(difference(oracle.want.cached, got.cached) == "");
        }
    }
}

}  // namespace
}  // namespace headroom::test
