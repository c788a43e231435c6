// What a layer computes, against the same layer in double precision: projections, biases, widths,
// grouped heads, pruned heads, extra key, rotary embedding, windows, the three uses.
#include <doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include <headroom/headroom.hpp>

#include "support/index.hpp"
#include "support/reference_layer.hpp"
#include "support/run_layer.hpp"

namespace headroom::test {
namespace {

// Sums of at most 96 products in float; a wrong key, weight or angle is off by 1e-2 or more.
constexpr double tolerance = 2e-5;

std::vector<double> expected(const LayerCase& c, const LayerInputs& in) {
    ReferenceLayer reference(c);
    const auto row = [](const std::vector<float>& all, std::int64_t r, int width) {
        return std::span(all).subspan(static_cast<std::size_t>(r * width),
                                      static_cast<std::size_t>(width));
    };
    for (std::int64_t j = 0; j < c.keys; ++j)
        reference.append(row(in.keys, j, c.shape.key_source_dim),
                         row(in.values, j, c.shape.value_source_dim));
    std::vector<double> y;
    for (std::int64_t i = 0; i < c.queries; ++i) {
        const std::int64_t position = c.use == Use::cross ? c.how.first_position + i : i;
        const std::vector<double> token =
            reference.attend(row(in.x, i, c.shape.model_dim), i, position);
        y.insert(y.end(), token.begin(), token.end());
    }
    return y;
}

void check_case(const LayerCase& c, LayerRun run) {
    INFO("seed " << c.seed << " use " << static_cast<int>(c.use) << " model " << c.shape.model_dim
                 << " heads " << c.shape.heads << "/" << c.shape.kv_heads << " dims "
                 << c.shape.head_dim << "," << c.shape.value_dim << " tokens " << c.queries << ","
                 << c.keys << " rotary " << c.rotary.dim << " port " << run.ports[0]->name);
    const LayerOutcome got = run_layer(c, run);
    REQUIRE(got.result.status == Status::ok);
    CHECK(relative_error(expected(c, LayerInputs(c)), got.y) < tolerance);
    CHECK(got.arenas_intact);
}

// ---- shapes known at compile time, through the public class

constexpr Shape plain{.model_dim = 24, .heads = 3, .max_queries = 8, .max_keys = 40};
constexpr Shape smallest{.model_dim = 1, .max_queries = 1, .max_keys = 1};
constexpr Shape grouped{.model_dim = 32,
                        .heads = 8,
                        .kv_heads = 2,
                        .head_dim = 12,
                        .value_dim = 20,
                        .output_dim = 17,
                        .max_queries = 5,
                        .max_keys = 64};
constexpr Shape with_extra{.model_dim = 20,
                           .heads = 4,
                           .kv_heads = 1,
                           .extra_key = true,
                           .max_queries = 50,
                           .max_keys = 50};
constexpr Shape ring{.model_dim = 16, .heads = 2, .max_queries = 4, .window = 9, .sinks = 3};
constexpr Shape cross{.model_dim = 24,
                      .heads = 4,
                      .head_dim = 6,
                      .value_dim = 5,
                      .key_source_dim = 31,
                      .value_source_dim = 13,
                      .output_dim = 40,
                      .max_queries = 16,
                      .max_keys = 70};

template <Shape S>
LayerCase case_of(std::int64_t queries, std::int64_t keys, std::uint64_t seed) {
    Random random(seed);
    LayerCase c;
    c.seed = seed;
    c.shape = MultiHeadAttention<S>::shape;
    c.queries = queries;
    c.keys = keys;
    c.weights = random_weights(S, random);
    return c;
}

template <Shape S>
void check_self(std::int64_t tokens, const Attention& how) {
    using Layer = MultiHeadAttention<S>;
    LayerCase c = case_of<S>(tokens, tokens, 7);
    c.use = S.window > 0 ? Use::ring : Use::self;
    c.how = how;
    const LayerInputs in(c);
    const std::vector<double> want = expected(c, in);
    alignas(64) static std::byte weights[Layer::weights_bytes], scratch[Layer::scratch_bytes];
    alignas(64) static std::byte state[Layer::state_bytes];
    REQUIRE(Layer::pack(c.weights.tensors(), weights).ok());
    for (const Port* port : runnable_ports()) {
        INFO(port->name);
        std::fill(std::begin(state), std::end(state), std::byte{0});
        Layer layer;
        REQUIRE(layer.open(*port, weights).ok());
        std::vector<float> y(want.size());
        const std::int64_t prompt = how.causal ? (tokens + 1) / 2 : tokens;  // then token by token
        for (std::int64_t first = 0; first < tokens;) {
            const std::int64_t n = first == 0 ? prompt : 1;
            const auto at = [&](int width) { return static_cast<std::size_t>(first * width); };
            REQUIRE(layer
                        .forward(rows_of(std::span(in.x).subspan(at(S.model_dim)), index_of(n),
                                         S.model_dim),
                                 rows_of(std::span(y).subspan(at(Layer::shape.output_dim)),
                                         index_of(n), Layer::shape.output_dim),
                                 state, scratch, how)
                        .status == Status::ok);
            first += n;
        }
        CHECK(relative_error(want, y) < tolerance);
        KvCache cache;
        REQUIRE(Layer::cache(state, cache).ok());
        CHECK(cache.size() == tokens);
    }
}

TEST_CASE("layer reference: shapes known at compile time") {
    check_self<plain>(40, {});
    check_self<plain>(40, {.causal = true});
    check_self<smallest>(1, {.causal = true});
    check_self<grouped>(33, {.scale = 0.5f, .causal = true});
    check_self<grouped>(21, {.window_left = 3, .window_right = 2, .sink_tokens = 1});
    check_self<with_extra>(50, {.causal = true, .window_left = 7});
    check_self<ring>(90, {.causal = true, .window_left = 8, .sink_tokens = 3});
    check_self<ring>(61, {.causal = true, .window_left = 5});
}

TEST_CASE("layer reference: cross-attention at compile time, lengths and positions given") {
    using Layer = MultiHeadAttention<cross>;
    LayerCase c = case_of<cross>(19, 70, 8);
    c.use = Use::cross;
    const std::int64_t length[] = {66};
    c.how = {.first_position = 5, .window_left = 40, .window_right = 55, .valid_keys = length};
    const LayerInputs in(c);
    const std::vector<double> want = expected(c, in);
    alignas(64) static std::byte weights[Layer::weights_bytes], scratch[Layer::scratch_bytes];
    REQUIRE(Layer::pack(c.weights.tensors(), weights).ok());
    for (const Port* port : runnable_ports()) {
        INFO(port->name);
        const Arena state(Layer::state_bytes, 0, 0);
        Layer layer;
        REQUIRE(layer.open(*port, weights).ok());
        REQUIRE(layer
                    .append_context(rows_of(in.keys, 70, 31), rows_of(in.values, 70, 13),
                                    state.span(), scratch)
                    .status == Status::ok);
        const std::uint64_t before = hash_bytes(state.span());
        std::vector<float> y(want.size());
        REQUIRE(layer
                    .attend_context(rows_of(in.x, 19, 24), rows_of(y, 19, 40), state.span(),
                                    scratch, c.how)
                    .status == Status::ok);
        CHECK(relative_error(want, y) < tolerance);
        CHECK(hash_bytes(state.span()) == before);
    }
}

// ---- random shapes

TEST_CASE("layer reference: random layers of the three uses") {
    for (int i = 0; i < repeats(900); ++i) {
        const Use use = i % 3 == 0 ? Use::self : i % 3 == 1 ? Use::ring : Use::cross;
        const LayerCase c = random_case(use, 1000 + static_cast<std::uint64_t>(i), 70);
        Random random(c.seed);
        LayerRun run;
        run.ports = {&some_port(i / 3)};
        // Without causality a token sees later tokens of its call only: then it must be one call.
        if (use == Use::cross || c.how.causal) run.cuts = random_cuts(c.queries, c.queries, random);
        run.in_place = random.chance(0.3);
        if (run.in_place && c.shape.output_dim != c.shape.model_dim) run.in_place = false;
        run.gap = random.chance(0.5) ? 0 : random.between(1, 9);
        check_case(c, run);
    }
}

TEST_CASE("layer reference: a sequence of several blocks of keys") {
    for (int i = 0; i < repeats(6); ++i) {
        LayerCase c = random_case(i % 2 == 0 ? Use::self : Use::ring,
                                  5000 + static_cast<std::uint64_t>(i), 420);
        if (c.use == Use::ring)
            c.shape.window = 150 + 30 * i, c.how.window_left = c.shape.window - 1;
        LayerRun run;
        run.ports = {&some_port(i / 2)};
        check_case(c, run);
    }
}

// ---- what is left out is never read

TEST_CASE("layer reference: a pruned head's weights have no influence, not even NaN") {
    for (const Port* port : runnable_ports()) {
        INFO(port->name);
        LayerCase c = case_of<grouped>(33, 33, 9);
        c.how.causal = true;
        c.keep = std::make_unique<bool[]>(8);
        for (std::size_t h = 0; h < 8; ++h) c.keep[h] = h % 3 != 1;
        LayerRun run;
        run.ports = {port};
        const LayerOutcome clean = run_layer(c, run);
        for (std::size_t h = 0; h < 8; ++h) {
            if (c.keep[h]) continue;
            for (std::size_t r = 0; r < 12 * 32; ++r) c.weights.query[h * 12 * 32 + r] = canary();
            for (std::size_t o = 0; o < 17; ++o)
                for (std::size_t v = 0; v < 20; ++v)
                    c.weights.output[o * 8 * 20 + h * 20 + v] = canary();
        }
        const LayerOutcome poisoned = run_layer(c, run);
        REQUIRE(poisoned.result.ok());
        CHECK(difference(clean.y, poisoned.y) == "");
    }
}

TEST_CASE("layer reference: a query that sees nothing gives the output bias, exactly") {
    for (const Port* port : runnable_ports()) {
        INFO(port->name);
        LayerCase c = case_of<cross>(19, 70, 10);
        c.use = Use::cross;
        c.how = {.causal = true, .first_position = -12};
        LayerRun run;
        run.ports = {port};
        const LayerOutcome got = run_layer(c, run);
        REQUIRE(got.result.ok());
        for (std::size_t i = 0; i < 12 * 40; ++i)
            CHECK(bits_of(got.y[i]) == bits_of(c.weights.output_bias[i % 40] + 0.0f));
        CHECK(bits_of(got.y[12 * 40]) != bits_of(c.weights.output_bias[0]));
    }
}

TEST_CASE("layer reference: attention over an empty context is the output bias") {
    LayerCase c = case_of<cross>(3, 0, 11);
    c.use = Use::cross;
    LayerRun run;
    run.ports = {&some_port(0)};
    const LayerOutcome got = run_layer(c, run);
    REQUIRE(got.result.status == Status::ok);
    for (std::size_t i = 0; i < got.y.size(); ++i)
        CHECK(bits_of(got.y[i]) == bits_of(c.weights.output_bias[i % 40] + 0.0f));
}

}  // namespace
}  // namespace headroom::test
