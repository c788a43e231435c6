// A ring cache remembers little and forgets in place; what a query sees must have the bits of a
// cache that forgot nothing, over many turns of the ring and after dropping tokens.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "support/bits.hpp"
#include "support/caches.hpp"
#include "support/index.hpp"
#include "support/refusals.hpp"
#include "support/run.hpp"

using namespace headroom;
using namespace headroom::test;

namespace {

struct Ring {
    std::int64_t window, sinks, max_queries;
};

Ring random_ring(Random& r) {
    return {r.chance(0.2) ? r.pick<std::int64_t>({1, 2, 16, 17}) : r.between(1, 70),
            r.chance(0.5) ? 0 : r.between(1, 35), r.chance(0.3) ? 1 : r.between(1, 24)};
}

// The whole history on plain tensors: causal, the window and the sinks of the ring, some features.
Problem history(Random& r, const Ring& ring, Index tokens) {
    Sizes s;
    s.queries = s.keys = tokens;
    s.kv_heads = r.pick<Index>({1, 2});
    s.heads = s.kv_heads * r.pick<Index>({1, 2, 4});
    s.key_width = r.between(1, 20);
    s.value_width = r.between(1, 36);
    Problem p = random_problem(r, s, 0.0);
    p.how = {.causal = true, .window_left = ring.window - 1, .sink_tokens = ring.sinks};
    if (r.chance(0.3)) p.softcap = Softcap{4.0f};
    if (r.chance(0.3)) {
        p.slopes = Array<float>(s.heads);
        r.fill(p.slopes.span(), 0.3);
        p.alibi = Alibi{p.slopes.span()};
    }
    return p;
}

CacheShape ring_shape(const Sizes& s, const Ring& ring) {
    CacheShape shape = cache_shape_of(s, 0);
    shape.window = ring.window;
    shape.sinks = ring.sinks;
    shape.max_queries = ring.max_queries;
    return shape;
}

// What a ring must still hold: which token was written last to each of its slots. The panels of the
// first tokens, as many as hold the sinks, are fixed; the others take turns.
class Slots {
public:
    explicit Slots(const Ring& ring)
        : window_(ring.window),
          storage_(detail::storage_of(0, ring.window, ring.sinks, ring.max_queries)),
          token_(static_cast<std::size_t>(16 * storage_.panels()), -1) {}

    void write(std::int64_t first, std::int64_t count) {
        for (std::int64_t t = first; t < first + count; ++t) token_[slot(t)] = t;
    }

    // Whether a query at position `tokens` would find all that it sees before itself.
    bool enough_for(std::int64_t tokens) const {
        for (std::int64_t t = std::max<std::int64_t>(0, tokens - window_ + 1); t < tokens; ++t)
            if (token_[slot(t)] != t) return false;
        return true;
    }

private:
    std::size_t slot(std::int64_t t) const {
        const std::int64_t panel = t / 16, fixed = storage_.fixed;
        const std::int64_t at = panel < fixed ? panel : fixed + (panel - fixed) % storage_.ring;
        return static_cast<std::size_t>(16 * at + t % 16);
    }
    std::int64_t window_;
    detail::Storage storage_;
    std::vector<std::int64_t> token_;
};

}  // namespace

TEST_CASE("ring: several turns, any cuts, the bits of the whole history") {
    Random seeds(31);
    for (int n = 0; n < repeats(250); ++n) {
        const std::uint64_t seed = seeds.bits();
        Random r(seed);
        const Ring ring = random_ring(r);
        const Index tokens = index_of(
            std::min<std::int64_t>(ring.sinks + 4 * (ring.window + ring.max_queries + 16), 400));
        const Problem p = history(r, ring, tokens);
        const Field want = p.out.blank();
        REQUIRE(run(scalar_port(), p, want).ok());

        CacheMemory memory(ring_shape(p.sizes, ring));
        REQUIRE(memory.opened);
        const Port& port = some_port(n);
        const Field got = p.out.blank();
        for (Index at = 0; at < tokens;) {
            INFO("case ", n, " seed ", seed, " port ", name_of(port), " at ", at, " window ",
                 ring.window, " sinks ", ring.sinks, " max_queries ", ring.max_queries, ": ",
                 describe(p));
            const Index count =
                std::min<Index>(tokens - at, index_of(r.between(1, ring.max_queries)));
            REQUIRE(append(memory.cache, p, at, count).ok());
            REQUIRE(memory.cache.size() == at + count);
            const Result result =
                run(port, p, got, {.cache = &memory.cache, .first = at, .count = count});
            REQUIRE(words(result) == words(Status::ok, 0));
            at += count;
        }
        INFO("case ", n, " seed ", seed, " port ", name_of(port), " window ", ring.window,
             " sinks ", ring.sinks, " max_queries ", ring.max_queries, ": ", describe(p));
        REQUIRE(difference(want.memory(), got.memory()) == "");
    }
}

TEST_CASE("ring: rejected tokens are dropped and others take their place") {
    Random seeds(32);
    int dropped = 0, refused = 0;
    for (int n = 0; n < repeats(250); ++n) {
        const std::uint64_t seed = seeds.bits();
        Random r(seed);
        const Ring ring = random_ring(r);
        const Index tokens = index_of(
            std::min<std::int64_t>(ring.sinks + 3 * (ring.window + ring.max_queries + 16), 300));
        const Problem p = history(r, ring, tokens);
        const Field want = p.out.blank();
        REQUIRE(run(scalar_port(), p, want).ok());

        CacheMemory memory(ring_shape(p.sizes, ring));
        KvCache& cache = memory.cache;
        const Port& port = some_port(n);
        const Field got = p.out.blank();
        Slots slots(ring);
        int jumps = 8;
        for (Index at = 0; at < tokens;) {
            INFO("case ", n, " seed ", seed, " port ", name_of(port), " at ", at, " window ",
                 ring.window, " sinks ", ring.sinks, " max_queries ", ring.max_queries);
            if (r.chance(0.3)) {  // speculation: NaN tokens that will be rejected
                const Index wrong = index_of(r.between(1, ring.max_queries));
                const Field k = Field::token_major(1, wrong, p.sizes.kv_heads, p.sizes.key_width);
                const Field v = Field::token_major(1, wrong, p.sizes.kv_heads, p.sizes.value_width);
                REQUIRE(cache.append(k.view(), v.view()).ok());
                slots.write(at, wrong);
                REQUIRE(cache.truncate(at).ok());  // as many as may be appended may be dropped
            }
            if (jumps > 0 && r.chance(0.2)) {  // back to anywhere
                --jumps;
                const Index back =
                    r.chance(0.5) ? r.between(0, at) : r.between(std::max<Index>(0, at - 5), at);
                const std::uint64_t before = memory.hash();
                const Result result = cache.truncate(back);
                REQUIRE(result.ok() == slots.enough_for(back));
                if (result.ok()) {
                    at = back;
                    ++dropped;
                } else {
                    REQUIRE(result.status == Status::bad_value);
                    REQUIRE(result.argument == 1);
                    REQUIRE(memory.hash() == before);
                    ++refused;
                }
            }
            const Index count =
                std::min<Index>(tokens - at, index_of(r.between(1, ring.max_queries)));
            REQUIRE(append(cache, p, at, count).ok());
            slots.write(at, count);
            at += count;
            const Result result =
                run(port, p, got, {.cache = &cache, .first = at - count, .count = count});
            REQUIRE(words(result) == words(Status::ok, 0));
            for (Index i = at - count; i < at; ++i)
                for (Index h = 0; h < p.sizes.heads; ++h)
                    REQUIRE(difference(want.row(0, i, h), got.row(0, i, h)) == "");
        }
    }
    CHECK(dropped > 0);
    if (full_effort()) CHECK(refused > 0);
}

// The window of a query after the last token may be empty, and that of the query before it is not:
// one sees the first tokens only, the other the newest, and nobody may walk from these to those.
TEST_CASE("ring: queries around the last token, in a young ring and in one of 2^40 turns") {
    Random seeds(33);
    int answered = 0;
    for (int n = 0; n < repeats(60); ++n) {
        const std::uint64_t seed = seeds.bits();
        Random r(seed);
        const Ring ring = random_ring(r);
        const CacheShape bounds{
            .window = ring.window, .sinks = ring.sinks, .max_queries = ring.max_queries};
        const std::int64_t turn =
            16 * detail::storage_of(0, bounds.window, bounds.sinks, bounds.max_queries).ring;
        // The newest keys are in another block of the online softmax than the first ones.
        const Index tokens = index_of(ring.sinks + 176 + 2 * turn);
        Problem p = history(r, ring, tokens);
        p.alibi.reset();  // distances to the first tokens differ
        CacheMemory young(ring_shape(p.sizes, ring)), old(ring_shape(p.sizes, ring));
        for (Index at = 0; at < tokens;) {
            const Index count = std::min<Index>(tokens - at, index_of(ring.max_queries));
            REQUIRE(append(young.cache, p, at, count).ok());
            at += count;
        }
        std::memcpy(old.arena.span().data(), young.cache.state().data(),
                    young.cache.state().size());
        const std::int64_t age = turn << 40;
        std::int64_t header[2];  // tokens, and up to where they have been overwritten
        std::memcpy(header, old.arena.span().data(), sizeof header);
        for (std::int64_t& value : header) value += age;
        std::memcpy(old.arena.span().data(), header, sizeof header);
        REQUIRE(old.cache.open(ring_shape(p.sizes, ring), old.arena.span()).ok());

        const Index count = std::min<Index>(tokens, index_of(r.between(2, 20)));
        const Index first = tokens - count;
        p.how.causal = r.chance(0.7);
        p.how.window_left = std::min<std::int64_t>(ring.window - 1, r.between(0, 2));
        p.how.first_position = r.between(0, count + 2);  // of the whole sequence's first query
        const Port& port = some_port(n);
        const Field want = p.out.blank(), got = p.out.blank();
        INFO("case ", n, " seed ", seed, " port ", name_of(port), " count ", count, ": ",
             describe(p));
        const Result before =
            run(port, p, want, {.cache = &young.cache, .first = first, .count = count});
        p.how.first_position += age;
        const Result after =
            run(port, p, got, {.cache = &old.cache, .first = first, .count = count});
        REQUIRE(words(before) == words(after));
        REQUIRE(difference(want.memory(), got.memory()) == "");
        answered += before.ok();
    }
    if (full_effort()) REQUIRE(answered > 10);
}
