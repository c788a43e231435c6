// The bits themselves, as numbers: what numerics_version stands for. All other tests of bits
// compare ports of one build; this one also sees a change that all ports make together.
#include <doctest/doctest.h>

#include <headroom/version.hpp>

#include "support/bits.hpp"
#include "support/caches.hpp"
#include "support/run.hpp"

using namespace headroom;
using namespace headroom::test;

namespace {

// Multiples of 2^-12 in (-2, 2), from integers alone: no host's mathematical library has a part in
// them.
void fill_exactly(Random& random, std::span<float> values) {
    for (float& x : values) x = static_cast<float>(random.between(-8191, 8191)) / 4096.0f;
}

struct Golden {
    const char* name;
    Sizes sizes;
    Attention how;
    bool features;
    std::uint64_t hash;
};

// If a formula of src/DESIGN.md changes on purpose, numerics_version and these hashes change with
// it: the failing test prints the new ones.
constexpr int version_of_these_hashes = 1;
const Golden goldens[] = {
    {"tiny",
     {.queries = 1, .keys = 1, .key_width = 1, .value_width = 1},
     {},
     false,
     9841417220529211359u},
    {"plain", {2, 7, 150, 4, 2, 24, 20}, {}, false, 7893373761364367854u},
    {"causal", {1, 300, 300, 2, 2, 16, 16}, {.causal = true}, false, 10778259391617822921u},
    {"window",
     {1, 60, 290, 2, 1, 33, 17},
     {.causal = true, .first_position = 230, .window_left = 140, .sink_tokens = 3},
     false,
     10462672860430151781u},
    {"window, no sinks",
     {1, 60, 290, 2, 1, 33, 17},
     {.causal = true, .first_position = 230, .window_left = 70},
     false,
     8295952340563492401u},
    {"features", {1, 50, 270, 6, 3, 20, 19}, {.scale = 0.75f}, true, 2260234010109114020u},
};

Problem golden_problem(const Golden& golden) {
    const Sizes& s = golden.sizes;
    Random random(111);
    Problem p;
    p.sizes = s;
    p.query = Field::token_major(s.batches, s.queries, s.heads, s.key_width);
    p.key = Field::token_major(s.batches, s.keys, s.kv_heads, s.key_width);
    p.value = Field::token_major(s.batches, s.keys, s.kv_heads, s.value_width);
    p.out = Field::token_major(s.batches, s.queries, s.heads, s.value_width);
    for (const Field* field : {&p.query, &p.key, &p.value}) fill_exactly(random, field->memory());
    p.how = golden.how;
    if (!golden.features) return p;
    const auto floats = [&](Index n) {
        Array<float> a(n);
        fill_exactly(random, a.span());
        return a;
    };
    p.softcap = Softcap{5.0f};
    p.alibi = Alibi{(p.slopes = floats(s.heads)).span()};
    p.sinks = SinkLogits{(p.sink_logits = floats(s.heads)).span()};
    p.extra_key = floats(s.kv_heads * s.key_width);
    p.extra_value = floats(s.kv_heads * s.value_width);
    p.extra = ExtraKey{p.extra_key.span(), p.extra_value.span()};
    p.zero = ZeroKey{};
    return p;
}

}  // namespace

TEST_CASE("golden: the output bits of numerics_version") {
    REQUIRE(numerics_version == version_of_these_hashes);
    for (const Golden& golden : goldens) {
        const Problem p = golden_problem(golden);
        for (const Port* port : runnable_ports()) {
            const Field out = p.out.blank();
            REQUIRE(run(*port, p, out).ok());
            INFO(std::string(golden.name), " port ", name_of(*port));
            CHECK(hash_floats(out.memory()) == golden.hash);
            if (p.sizes.batches > 1) continue;
            CacheMemory memory(cache_shape_of(p.sizes, p.sizes.keys));
            REQUIRE(append(memory.cache, p, 0, p.sizes.keys).ok());
            const Field cached = p.out.blank();
            REQUIRE(run(*port, p, cached, {.cache = &memory.cache}).ok());
            CHECK(hash_floats(cached.memory()) == golden.hash);
        }
    }
}
