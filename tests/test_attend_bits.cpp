// Promise 2, "the same bits everywhere": every port, however the call is cut, whichever memory
// holds the keys, and whoever computes, against the scalar port on plain tensors in one call.
#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "kernels/kernels.hpp"

#include "support/bits.hpp"
#include "support/caches.hpp"
#include "support/executors.hpp"
#include "support/index.hpp"
#include "support/run.hpp"

using namespace headroom;
using namespace headroom::test;

namespace {

// Number n of a walk through all remainders modulo 16 of queries, keys and both widths; each pair
// of queries and keys comes once in 256.
Sizes walk(Random& random, int n) {
    const auto sized = [&](Index remainder, Index most) {
        const Index size = remainder + 16 * random.between(0, most);
        return size == 0 ? Index{16} : size;
    };
    Sizes s;
    s.queries = sized(n % 16, random.chance(0.1) ? 6 : 1);
    s.keys = sized(n / 16 % 16, random.chance(0.3) ? 20 : 2);
    s.key_width = sized(n * 7 % 16, 2);
    s.value_width = sized((n * 11 + n / 16) % 16, random.chance(0.2) ? 5 : 2);
    s.kv_heads = random.pick<Index>({1, 1, 2});
    s.heads = s.kv_heads * random.pick<Index>({1, 1, 2, 3, 8});
    if (s.queries > 40 || s.keys > 100) s.heads = s.kv_heads;
    s.batches = random.chance(0.2) ? 2 : 1;
    return s;
}

// Some NaN, Inf and huge numbers in the inputs: what they make must be the same everywhere too.
void sprinkle(Random& random, const Problem& p) {
    for (const Field* field : {&p.query, &p.key, &p.value}) {
        const std::span<float> data = field->view().data;
        for (int n = 0; n < 3 && !data.empty(); ++n) {
            const auto at = random.between(0, static_cast<Index>(data.size()) - 1);
            float& x = data[static_cast<std::size_t>(at)];
            if (std::bit_cast<std::uint32_t>(x) == canary_bits) continue;  // not an element
            x = std::bit_cast<float>(
                random.pick({0x7fc00000u, 0x7fa00001u, 0xffffffffu, 0x7f800000u, 0xff800000u,
                             0x7149f2cau, 0xf149f2cau}));
        }
    }
}

Problem drawn(std::uint64_t seed, int n, double feature_share, double wild) {
    Random r(seed);
    Problem p = random_problem(r, walk(r, n), feature_share);
    if (r.chance(wild)) sprinkle(r, p);
    return p;
}

Field scalar_output(const Problem& p) {
    Field out = p.out.blank();
    REQUIRE(run(scalar_port(), p, out).ok());
    REQUIRE(out.gaps_intact());
    return out;
}

}  // namespace

TEST_CASE("bits: every port gives what scalar gives, over all remainders") {
    Random seeds(21);
    for (int n = 0; n < repeats(768); ++n) {
        const std::uint64_t seed = seeds.bits();
        const Problem p = drawn(seed, n, n % 3 == 0 ? 0.0 : 0.2, 0.15);
        const Field want = scalar_output(p);
        for (const Port* port : runnable_ports()) {
            INFO("case ", n, " seed ", seed, " port ", name_of(*port), ": ", describe(p));
            const Field got = p.out.blank();
            REQUIRE(run(*port, p, got).ok());
            REQUIRE(difference(want.memory(), got.memory()) == "");  // the gaps included
        }
    }
}

TEST_CASE("bits: scalar is deterministic and does not read its scratch or gaps") {
    Random seeds(22);
    for (int n = 0; n < repeats(60); ++n) {
        const std::uint64_t seed = seeds.bits();
        const Problem a = drawn(seed, n, 0.3, 0.1), b = drawn(seed, n, 0.3, 0.1);
        INFO("case ", n, " seed ", seed, ": ", describe(a));
        REQUIRE(hash_floats(scalar_output(a).memory()) == hash_floats(scalar_output(b).memory()));
    }
}

TEST_CASE("bits: a cache gives what the tensors give, stale and unused tokens leave no trace") {
    Random seeds(23);
    for (int n = 0; n < repeats(400); ++n) {
        const std::uint64_t seed = seeds.bits();
        Random r(seed);
        Sizes s = walk(r, n);
        s.batches = 1;
        Problem p = random_problem(r, s, n % 2 == 0 ? 0.0 : 0.2);
        if (r.chance(0.1)) sprinkle(r, p);
        const Field want = scalar_output(p);

        CacheMemory memory(cache_shape_of(s, s.keys + r.between(0, 70)));
        REQUIRE(memory.opened);
        KvCache& cache = memory.cache;
        const Index stale =
            index_of(std::min<std::int64_t>(cache.capacity(), r.between(0, s.keys + 40)));
        if (r.chance(0.5) && stale > 0) {  // NaN tokens that are dropped again, by one of two ways
            const Field k = Field::token_major(1, stale, s.kv_heads, s.key_width);
            const Field v = Field::token_major(1, stale, s.kv_heads, s.value_width);
            REQUIRE(cache.append(k.view(), v.view()).ok());
            if (r.chance(0.5))
                cache.clear();
            else
                REQUIRE(cache.truncate(0).ok());
        }
        for (Index at = 0; at < s.keys;) {
            const Index count = r.between(1, s.keys - at);
            REQUIRE(append(cache, p, at, count).ok());
            at += count;
        }
        const std::uint64_t before = memory.hash();
        for (const Port* port : runnable_ports()) {
            INFO("case ", n, " seed ", seed, " port ", name_of(*port), ": ", describe(p));
            const Field got = p.out.blank();
            REQUIRE(run(*port, p, got, {.cache = &cache}).ok());
            REQUIRE(difference(want.memory(), got.memory()) == "");
        }
        REQUIRE(memory.hash() == before);
        REQUIRE(memory.arena.intact());
    }
}

TEST_CASE("bits: queries cut into calls of any length") {
    Random seeds(24);
    for (int n = 0; n < repeats(300); ++n) {
        const std::uint64_t seed = seeds.bits();
        const Problem p = drawn(seed, n, n % 2 == 0 ? 0.0 : 0.2, 0.1);
        const Field want = scalar_output(p);
        Random r(seed + 1);
        for (const bool one_by_one : {true, false}) {
            const Port& port = some_port(n + one_by_one);
            INFO("case ", n, " seed ", seed, " port ", name_of(port),
                 std::string(one_by_one ? " one by one" : " random cuts"), ": ", describe(p));
            const Field got = p.out.blank();
            for (Index at = 0; at < p.sizes.queries;) {
                const Index count = one_by_one ? 1 : r.between(1, p.sizes.queries - at);
                REQUIRE(run(port, p, got, {.first = at, .count = count}).ok());
                at += count;
            }
            REQUIRE(difference(want.memory(), got.memory()) == "");
        }
    }
}

TEST_CASE("bits: a cache that grows while it attends gives what one causal call gives") {
    Random seeds(25);
    for (int n = 0; n < repeats(200); ++n) {
        const std::uint64_t seed = seeds.bits();
        Random r(seed);
        Sizes s = walk(r, n);
        s.batches = 1;
        s.queries = s.keys = std::min<Index>(s.keys, 150);
        Problem p = random_problem(r, s, 0.0);
        p.how = {.causal = true,
                 .window_left = r.chance(0.4) ? r.between(0, s.keys) : -1,
                 .sink_tokens = r.between(0, 3)};
        const Field want = scalar_output(p);
        const Port& port = some_port(n);
        CacheMemory memory(cache_shape_of(s, s.keys));
        const Field got = p.out.blank();
        const Index prompt = r.between(0, s.keys);
        for (Index at = 0; at < s.keys;) {
            const Index count = at < prompt ? prompt - at : 1;
            REQUIRE(append(memory.cache, p, at, count).ok());
            INFO("case ", n, " seed ", seed, " at ", at, " port ", name_of(port), ": ",
                 describe(p));
            REQUIRE(run(port, p, got, {.cache = &memory.cache, .first = at, .count = count}).ok());
            at += count;
        }
        INFO("case ", n, " seed ", seed, " port ", name_of(port), ": ", describe(p));
        REQUIRE(difference(want.memory(), got.memory()) == "");
    }
}

TEST_CASE("bits: the output may be the query's own memory") {
    Random seeds(27);
    for (int n = 0; n < repeats(200); ++n) {
        const std::uint64_t seed = seeds.bits();
        Random r(seed);
        Sizes s = walk(r, n);
        s.value_width = s.key_width;
        Problem p = random_problem(r, s, n % 2 == 0 ? 0.0 : 0.2, false);
        p.out = p.query.blank();
        const Field want = scalar_output(p);
        Shuffled shuffled(1 + n % 3, seed);
        for (const Port* port : runnable_ports()) {
            INFO("case ", n, " seed ", seed, " port ", name_of(*port), ": ", describe(p));
            const Field both = p.query.copy();
            REQUIRE(run(*port, p, both.view(), both.view(),
                        {.executor = n % 2 == 0 ? nullptr : &shuffled.executor()})
                        .ok());
            REQUIRE(difference(want.memory(), both.memory()) == "");
        }
    }
}

// A port with the kernels of another, that counts what its kernel for 16 x 16 x 16 did.
struct CountingPort {
    static inline bool (*sixteen)(const detail::SixteenTask&) noexcept;
    static inline int done, declined;
    static bool counted(const detail::SixteenTask& task) noexcept {
        const bool ok = sixteen(task);
        ++(ok ? done : declined);
        return ok;
    }

    explicit CountingPort(const Port& of) : kernels(*of.kernels), port(of) {
        sixteen = kernels.attend_sixteen;
        if (sixteen != nullptr) kernels.attend_sixteen = counted;
        port.kernels = &kernels;
        done = declined = 0;
    }
    detail::Kernels kernels;
    Port port;
};

TEST_CASE("bits: the kernel for 16 x 16 x 16 is there on wide registers, and declines low scores") {
    Random random(29);
    const Sizes s{
        .queries = 16, .keys = 16, .heads = 2, .kv_heads = 1, .key_width = 16, .value_width = 16};
    Problem p = random_problem(random, s, 0.0, false);
    p.how = {};
    p.valid_keys = {};
    for (const Port* port : runnable_ports()) {
        const bool wide = std::string(name_of(*port)).find("avx") != std::string::npos;
        INFO("port ", name_of(*port));
        if (port->kernels == nullptr) continue;  // the only port: no table to count in
        CountingPort counting(*port);
        REQUIRE(run(counting.port, p, p.out.blank()).ok());
        CHECK(CountingPort::done == (wide ? 2 : 0));
        CHECK(CountingPort::declined == 0);
        if (!wide) continue;
        // All scores of one row of head 1 are -inf: they are raised, and weigh the same.
        Problem low = random_problem(random, s, 0.0, false);
        low.how = {};
        low.valid_keys = {};
        for (Index j = 0; j < 16; ++j)
            for (Index c = 0; c < 16; ++c) low.key.at(0, j, 0, c) = 1e20f;
        for (Index c = 0; c < 16; ++c) low.query.at(0, 9, 1, c) = -1e20f;
        const Field raised = low.out.blank();
        CountingPort again(*port);
        REQUIRE(run(again.port, low, raised).ok());
        CHECK(CountingPort::done == 1);
        CHECK(CountingPort::declined == 1);
        CHECK(difference(scalar_output(low).memory(), raised.memory()) == "");

        // The product of a tiny negative number and 1 / 16 is -0.
        Problem tiny = random_problem(random, s, 0.0, false);
        tiny.how = {};
        tiny.valid_keys = {};
        for (Field* field : {&tiny.query, &tiny.value})
            field->for_each_row([](Index, Index, Index, std::span<float> row) {
                for (float& x : row) x = 0.0f;
            });
        for (Index c = 0; c < 16; ++c)
            tiny.value.at(0, 3, 0, c) = -std::numeric_limits<float>::denorm_min();
        const Field zero = tiny.out.blank();
        REQUIRE(run(*port, tiny, zero).ok());
        CHECK(difference(scalar_output(tiny).memory(), zero.memory()) == "");
        CHECK(bits_of(zero.at(0, 0, 0, 0)) == 0u);
        p.how.causal = true;
        CountingPort causal(*port);
        REQUIRE(run(causal.port, p, p.out.blank()).ok());
        CHECK(CountingPort::done == 0);
        p.how = {};
    }
}

TEST_CASE("bits: 16 queries, 16 keys, widths of 16 as on the scalar port") {
    Random seeds(28);
    for (int n = 0; n < repeats(300); ++n) {
        const std::uint64_t seed = seeds.bits();
        Random r(seed);
        Sizes s{.queries = 16, .keys = 16, .key_width = 16, .value_width = 16};
        s.batches = r.pick<Index>({1, 1, 2});
        s.kv_heads = r.pick<Index>({1, 2, 3});
        s.heads = s.kv_heads * r.pick<Index>({1, 2, 3});
        Problem p = random_problem(r, s, 0.0, false);
        const bool plain = n % 4 != 0;  // else one thing more than that kernel knows
        if (plain) p.how = {.scale = p.how.scale, .first_position = p.how.first_position};
        if (n % 3 == 0) sprinkle(r, p);
        if (n % 5 == 0) {  // every score of a row below the floor, and above every finite one
            for (const Field* field : {&p.query, &p.key}) {
                for (float& x : field->view().data) {
                    if (std::bit_cast<std::uint32_t>(x) != canary_bits)
                        x = r.chance(0.5) ? 1e20f : -1e20f;
                }
            }
        }
        if (n % 2 == 0) p.out = p.query.blank();
        const Field want = scalar_output(p);
        for (const Port* port : runnable_ports()) {
            INFO("case ", n, " seed ", seed, " port ", name_of(*port), ": ", describe(p));
            const Field got = n % 2 == 0 ? p.query.copy() : p.out.blank();
            const Tensor query = n % 2 == 0 ? got.view() : p.query.view();
            REQUIRE(run(*port, p, query, got.view()).ok());
            REQUIRE(difference(want.memory(), got.memory()) == "");
        }
    }
}
