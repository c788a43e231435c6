// The largest shape of the bit contract: 8 heads, 512 tokens, width 128, causal.
#include <doctest/doctest.h>

#include "support/bits.hpp"
#include "support/caches.hpp"
#include "support/executors.hpp"
#include "support/run.hpp"

using namespace headroom;
using namespace headroom::test;

TEST_CASE("bits: 8 heads, 512 tokens, width 128, causal, on every port and cut in pieces") {
    Random random(41);
    const Sizes s{.queries = 512,
                  .keys = 512,
                  .heads = 8,
                  .kv_heads = 8,
                  .key_width = 128,
                  .value_width = 128};
    Problem p;
    p.sizes = s;
    p.query = Field::token_major(1, s.queries, s.heads, s.key_width);
    p.key = Field::token_major(1, s.keys, s.kv_heads, s.key_width);
    p.value = Field::token_major(1, s.keys, s.kv_heads, s.value_width);
    p.out = Field::token_major(1, s.queries, s.heads, s.value_width);
    for (const Field* field : {&p.query, &p.key, &p.value}) field->fill(random);
    p.how = {.causal = true};

    const Field want = p.out.blank();
    REQUIRE(run(scalar_port(), p, want).ok());
    CacheMemory memory(cache_shape_of(s, s.keys));
    REQUIRE(append(memory.cache, p, 0, s.keys).ok());
    Threads threads(3);
    for (const Port* port : runnable_ports()) {
        INFO("port ", name_of(*port));
        const Field whole = p.out.blank(), cached = p.out.blank(), cut = p.out.blank(),
                    spread = p.out.blank();
        REQUIRE(run(*port, p, whole).ok());
        CHECK(difference(want.memory(), whole.memory()) == "");
        REQUIRE(run(*port, p, cached, {.cache = &memory.cache}).ok());
        CHECK(difference(want.memory(), cached.memory()) == "");
        REQUIRE(run(*port, p, spread, {.executor = &threads.executor()}).ok());
        CHECK(difference(want.memory(), spread.memory()) == "");
        for (Index at = 0; at < s.queries;) {
            const Index count =
                at % 3 == 0 ? 1 : std::min<Index>(s.queries - at, random.between(1, 100));
            REQUIRE(run(*port, p, cut, {.first = at, .count = count}).ok());
            at += count;
        }
        CHECK(difference(want.memory(), cut.memory()) == "");
    }
}
