// Boolean masks that show each row an interval, as padding and written-out causal masks do, are
// turned into what rows see; others hide scores one by one. Which way a mask goes never changes a
// bit: a bias of 0 and -inf says the same and goes neither way.
#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

#include "support/bits.hpp"
#include "support/caches.hpp"
#include "support/executors.hpp"
#include "support/run.hpp"
#include "support/shown.hpp"

using namespace headroom;
using namespace headroom::test;

namespace {

enum class Kind { padding, left_padding, staircase, band, random_intervals, nothing_for_some };
constexpr Kind kinds[] = {Kind::padding, Kind::left_padding,     Kind::staircase,
                          Kind::band,    Kind::random_intervals, Kind::nothing_for_some};

struct Interval {
    Index begin, end;
};

Interval interval_of(Kind kind, Random& random, const Sizes& s, Index query, Interval all_rows) {
    const Index near = query * s.keys / s.queries;
    switch (kind) {
        case Kind::padding:
            return {0, all_rows.end};
        case Kind::left_padding:
            return {all_rows.begin, s.keys};
        case Kind::staircase:
            return {0, near + 1};
        case Kind::band:
            return {std::max<Index>(0, near - 20), std::min(s.keys, near + 9)};
        case Kind::random_intervals: {
            const Index begin = random.between(0, s.keys);
            return {begin, random.between(begin, s.keys)};
        }
        case Kind::nothing_for_some:
            return query % 3 == 0 ? Interval{0, 0} : all_rows;
    }
    return {0, s.keys};
}

// The same mask twice, [queries][keys], or one row for all queries where they agree; for all heads,
// or [heads] of it.
struct TwoMasks {
    std::vector<float> bias;
    Array<bool> visible;
    ScoreBias as_bias;
    BoolMask as_mask;
    std::vector<bool> seen;  // by somebody
};

TwoMasks masks_of(Kind kind, Random& random, const Sizes& s, double holes) {
    const bool alike = kind == Kind::padding || kind == Kind::left_padding;
    const Index rows = alike && random.chance(0.5) ? 1 : s.queries;
    const Index heads = random.chance(0.6) ? 1 : s.heads;
    const Index gap = random.between(0, 3), step = s.keys + gap;
    const auto count = static_cast<std::size_t>((heads * rows - 1) * step + s.keys);
    TwoMasks m;
    m.bias.assign(count, -std::numeric_limits<float>::infinity());
    m.visible = Array<bool>(static_cast<Index>(count));
    m.seen.assign(static_cast<std::size_t>(s.keys), false);
    Interval all_rows{};
    for (Index i = 0; i < heads * rows; ++i) {
        if (i % rows == 0) {
            all_rows.begin = random.between(0, s.keys);
            all_rows.end = random.between(all_rows.begin, s.keys);
        }
        const Interval shown = interval_of(kind, random, s, i % rows, all_rows);
        for (Index j = shown.begin; j < shown.end; ++j) {
            if (random.chance(holes)) continue;
            const auto at = static_cast<std::size_t>(i * step + j);
            m.bias[at] = 0.0f;
            m.visible[static_cast<Index>(at)] = true;
            m.seen[static_cast<std::size_t>(j)] = true;
        }
    }
    const Index stride = rows == 1 ? 0 : step;
    const Index head_stride = heads == 1 ? 0 : rows * step;
    m.as_bias.values = {
        .data = m.bias, .keys = s.keys, .head_stride = head_stride, .query_stride = stride};
    m.as_mask.visible = {.data = m.visible.span(),
                         .keys = s.keys,
                         .head_stride = head_stride,
                         .query_stride = stride};
    return m;
}

Problem problem_of(Random& random) {
    Sizes s{.queries = random.between(1, 110),
            .keys = random.pick<Index>({1, 7, 8, 9, 16, 31, 98, 128, 129, 200, 300}),
            .kv_heads = random.pick<Index>({1, 2}),
            .key_width = random.between(1, 20),
            .value_width = random.between(1, 20)};
    s.heads = s.kv_heads * random.pick<Index>({1, 3});
    Problem p = random_problem(random, s, 0.0, false);
    if (random.chance(0.5)) p.how = {};
    return p;
}

}  // namespace

TEST_CASE("interval masks: the bits of a bias of 0 and -inf, on every port, from every source") {
    Random seeds(91);
    for (int n = 0; n < repeats(240); ++n) {
        const std::uint64_t seed = seeds.bits();
        Random r(seed);
        Problem p = problem_of(r);
        const double holes = r.pick({0.0, 0.0, 0.01, 0.3});
        const TwoMasks masks = masks_of(kinds[n % 6], r, p.sizes, holes);
        // What nobody sees is of no kind.
        const auto spoil = [&](Index, Index j, Index, std::span<float> row) {
            if (masks.seen[static_cast<std::size_t>(j)]) return;
            for (float& x : row) x = std::numeric_limits<float>::quiet_NaN();
        };
        p.key.for_each_row(spoil);
        p.value.for_each_row(spoil);
        INFO("case ", n, " seed ", seed, " kind ", n % 6, " holes ", holes, ": ", describe(p));

        p.bias = masks.as_bias;
        const Field want = p.out.blank();
        REQUIRE(run(scalar_port(), p, want).ok());
        p.bias.reset();
        p.mask = masks.as_mask;
        CacheMemory memory(cache_shape_of(p.sizes, p.sizes.keys + 1));
        REQUIRE(append(memory.cache, p, 0, p.sizes.keys).ok());
        for (const Port* port : runnable_ports()) {
            INFO("port ", name_of(*port));
            const Field got = p.out.blank();
            REQUIRE(run(*port, p, got).ok());
            REQUIRE(difference(want.memory(), got.memory()) == "");
            Shuffled executor(1 + n % 3, seed);
            const Field cached = p.out.blank();
            REQUIRE(
                run(*port, p, cached, {.cache = &memory.cache, .executor = &executor.executor()})
                    .ok());
            REQUIRE(difference(want.memory(), cached.memory()) == "");
        }
    }
}

TEST_CASE("interval masks: what is shown of a call, and its statistics, are those of the bias") {
    constexpr Stage stages[] = {Stage::raw, Stage::softcap, Stage::bias, Stage::softmax};
    Random seeds(92);
    for (int n = 0; n < repeats(120); ++n) {
        const std::uint64_t seed = seeds.bits();
        Random r(seed);
        Problem p = problem_of(r);
        const TwoMasks masks = masks_of(kinds[n % 6], r, p.sizes, r.pick({0.0, 0.0, 0.05}));
        INFO("case ", n, " seed ", seed, " kind ", n % 6, ": ", describe(p));
        const auto observed = [&](const Port& port, Stage stage,
                                  std::vector<HeadStatistics>& heads) {
            const Field out = p.out.blank();
            Shown shown(p, out);
            const WeightsCallback callback{stage, &shown, Shown::receive};
            heads.resize(static_cast<std::size_t>(p.sizes.batches * p.sizes.heads));
            const Statistics statistics{heads};
            REQUIRE(run(port, p, out, {.weights = &callback, .statistics = &statistics}).ok());
            REQUIRE(shown.complaint == "");
            return shown.values;
        };
        const Stage stage = stages[n / 6 % 4];
        std::vector<HeadStatistics> want_heads, heads;
        p.bias = masks.as_bias;
        const std::vector<float> want = observed(scalar_port(), stage, want_heads);
        p.bias.reset();
        p.mask = masks.as_mask;
        for (const Port* port : runnable_ports()) {
            INFO("port ", name_of(*port), " stage ", static_cast<int>(stage));
            const std::vector<float> got = observed(*port, stage, heads);
            REQUIRE(difference(want, got) == "");
            for (std::size_t h = 0; h < heads.size(); ++h) {
                REQUIRE(heads[h].rows == want_heads[h].rows);
                REQUIRE(bits_of(heads[h].entropy) == bits_of(want_heads[h].entropy));
                REQUIRE(bits_of(heads[h].largest_weight) == bits_of(want_heads[h].largest_weight));
                REQUIRE(heads[h].query == want_heads[h].query);
                REQUIRE(heads[h].key == want_heads[h].key);
            }
        }
    }
}

namespace {

int steps_run = 0;
void count_step(const detail::Tile& tile, const detail::Scores& scores) noexcept {
    ++steps_run;
    detail::mask_step(tile, scores);
}

// How often scores met the mask one by one in a call of 98 queries and keys.
template <class... Features>
int steps_of(const Port& port, const BoolMask& mask, const Features&... features) {
    constexpr Index tokens = 98, width = 8;
    std::vector<float> inputs(tokens * width, 0.1f), outputs(tokens * width);
    const Arena scratch(scratch_bytes(AttendShape{tokens, 1, 1, width, width}));
    const auto tensor = head_major(std::span<const float>(inputs), 1, tokens, width);
    const auto out = head_major(std::span<float>(outputs), 1, tokens, width);
    const Attention how;
    detail::Features bound;
    detail::bind_all(bound, port, 8, mask, features...);
    bound.mask_step = count_step;
    steps_run = 0;
    const Result result =
        detail::attend({port, tensor, tensor, tensor, nullptr, out, scratch.span(), how, bound});
    REQUIRE(result.ok());
    return steps_run;
}

}  // namespace

TEST_CASE("interval masks: what shows intervals costs no step, what does not is met") {
    constexpr Index n = 98;
    Array<bool> padding(n), causal(n * n), across(n * n), holes(n);
    for (Index i = 0; i < n; ++i) {
        padding[i] = i < 90;
        holes[i] = i != 50;
        for (Index j = 0; j <= i; ++j) causal[i * n + j] = across[j * n + i] = true;
    }
    const BoolMask none{{.data = {}, .keys = 0, .head_stride = 7, .query_stride = 3}};
    const BoolMask as_padding{{.data = padding.span(), .keys = n}};
    const BoolMask as_causal{{.data = causal.span(), .keys = n, .query_stride = n}};
    const BoolMask as_across{
        {.data = across.span(), .keys = n, .query_stride = 1, .key_stride = n}};
    const BoolMask as_holes{{.data = holes.span(), .keys = n}};
    for (const Port* port : runnable_ports()) {
        INFO("port ", name_of(*port));
        CHECK(steps_of(*port, none) == 0);
        CHECK(steps_of(*port, as_padding) == 0);
        CHECK(steps_of(*port, as_causal) == 0);
        CHECK(steps_of(*port, as_across) > 0);
        CHECK(steps_of(*port, as_holes) > 0);
        CHECK(steps_of(*port, as_padding, Softcap{5.0f}) > 0);
    }
}
