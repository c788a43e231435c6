// What a layer shows of its weights, and its statistics: those of the whole call, however many
// slices, workers and turns of a ring it took.
#include <doctest.h>

#include <cstdint>
#include <mutex>
#include <vector>

#include <headroom/headroom.hpp>

#include "support/executors.hpp"
#include "support/lock.hpp"
#include "support/run_layer.hpp"

namespace headroom::test {
namespace {

// The weights of one call, [heads][queries][keys]; NaN where nothing was shown.
struct Weights {
    explicit Weights(const LayerCase& layer)
        : c(layer),
          values(static_cast<std::size_t>(c.shape.heads * c.queries * c.keys), canary()) {}

    static void receive(void* context, const WeightsBlock& block) {
        auto& self = *static_cast<Weights*>(context);
        const std::lock_guard guard(self.lock);  // with an executor, heads come at the same time
        const std::int64_t row = (block.head * self.c.queries + block.query) * self.c.keys;
        for (std::size_t j = 0; j < block.values.size(); ++j) {
            float& place = self.values[static_cast<std::size_t>(row + block.first_key) + j];
            self.twice += bits_of(place) != canonical_nan;
            place = block.values[j];
        }
    }

    const LayerCase& c;
    std::vector<float> values;
    int twice = 0;
    Lock lock;
};

struct Seen {
    std::vector<float> weights;
    std::vector<HeadStatistics> heads;
    std::vector<float> y;
};

Seen observe(const LayerCase& c, LayerRun run) {
    Weights weights(c);
    const WeightsCallback callback{Stage::softmax, &weights, Weights::receive};
    Seen seen;
    seen.heads.resize(static_cast<std::size_t>(c.shape.heads));
    const Statistics statistics{seen.heads};
    run.weights = &callback;
    run.statistics = &statistics;
    const LayerOutcome outcome = run_layer(c, run);
    REQUIRE(outcome.result.status == Status::ok);
    CHECK(weights.twice == 0);
    seen.weights = weights.values;
    seen.y = outcome.y;
    return seen;
}

void check_same(const std::vector<HeadStatistics>& want, const std::vector<HeadStatistics>& got) {
    REQUIRE(want.size() == got.size());
    for (std::size_t h = 0; h < want.size(); ++h) {
        INFO("head " << h);
        CHECK(want[h].rows == got[h].rows);
        CHECK(bits_of(want[h].entropy) == bits_of(got[h].entropy));
        CHECK(bits_of(want[h].largest_weight) == bits_of(got[h].largest_weight));
        CHECK(want[h].query == got[h].query);
        CHECK(want[h].key == got[h].key);
    }
}

// The largest weight of a head and where it is follow from what was shown.
void check_consistent(const LayerCase& c, const Seen& seen) {
    for (std::int64_t h = 0; h < c.shape.heads; ++h) {
        const HeadStatistics& statistics = seen.heads[static_cast<std::size_t>(h)];
        float largest = 0.0f;
        std::int64_t query = -1, key = -1;
        for (std::int64_t e = 0; e < c.queries * c.keys; ++e) {
            const float w = seen.weights[static_cast<std::size_t>(h * c.queries * c.keys + e)];
            if (w > largest) largest = w, query = e / c.keys, key = e % c.keys;
        }
        INFO("head " << h);
        CHECK(bits_of(statistics.largest_weight) == bits_of(largest));
        CHECK(statistics.query == query);
        CHECK(statistics.key == key);
    }
}

TEST_CASE(
    "layer observers: a call in slices, on any port, by any workers, shows what it shows in one "
    "piece") {
    for (int i = 0; i < repeats(60); ++i) {
        LayerCase c = random_case(i % 2 == 0 ? Use::self : Use::cross,
                                  13000 + static_cast<std::uint64_t>(i), 60);
        c.keep.reset();  // what is shown of a pruned head is not declared
        INFO("seed " << c.seed);
        LayerRun whole;
        whole.max_queries = static_cast<int>(c.queries);
        const Seen want = observe(c, whole);
        check_consistent(c, want);
        CHECK(difference(run_layer(c, whole).y, want.y) == "");  // looking changes nothing
        for (const Port* port : runnable_ports()) {
            INFO(port->name);
            LayerRun run;
            run.ports = {port};
            run.max_queries = 1 + i % 9;
            Shuffled shuffled(3, c.seed);
            if (i % 3 == 0) run.executor = &shuffled.executor();
            const Seen got = observe(c, run);
            CHECK(difference(want.weights, got.weights) == "");
            CHECK(difference(want.y, got.y) == "");
            check_same(want.heads, got.heads);
        }
    }
}

TEST_CASE("layer observers: a ring shows the weights of all that its queries see") {
    for (int i = 0; i < repeats(40); ++i) {
        const std::uint64_t seed = 14000 + static_cast<std::uint64_t>(i);
        LayerCase ring = random_case(Use::ring, seed, 150),
                  twin = random_case(Use::ring, seed, 150);
        ring.keep.reset();
        twin.keep.reset();
        twin.use = Use::self;
        twin.shape.window = twin.shape.sinks = 0;
        twin.shape.max_keys = twin.queries;
        INFO("seed " << seed);
        const Seen want = observe(twin, {});
        LayerRun run;
        run.ports = {&some_port(i)};
        const Seen got = observe(ring, run);
        check_same(want.heads, got.heads);
        int wrong = 0;
        for (std::size_t e = 0; e < want.weights.size(); ++e) {
            const bool shown = bits_of(got.weights[e]) != canonical_nan;
            wrong += bits_of(want.weights[e]) != (shown ? bits_of(got.weights[e]) : 0u);
        }
        CHECK(wrong == 0);
    }
}

TEST_CASE("layer observers: statistics are of the last call alone, and empty without queries") {
    LayerCase c = random_case(Use::self, 15000, 40);
    c.how = {.causal = true};
    Random random(1);
    std::vector<HeadStatistics> heads(static_cast<std::size_t>(c.shape.heads),
                                      {99, 9.0f, 9.0f, 9, 9});
    const Statistics statistics{heads};
    LayerRun run;
    run.statistics = &statistics;
    run.cuts = {c.queries - 1, 1};
    REQUIRE(run_layer(c, run).result.ok());
    for (const HeadStatistics& head : heads) CHECK(head.rows <= 1);
    run.cuts = {c.queries, 0};
    REQUIRE(run_layer(c, run).result.ok());
    check_same(std::vector<HeadStatistics>(heads.size()), heads);
}

}  // namespace
}  // namespace headroom::test
