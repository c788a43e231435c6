// The line about all heads: it says nothing of choices that no head had.
#include <doctest.h>

#include "tools/head_verdict.hpp"

#include <limits>

#include "tools/synthetic_maps.hpp"

using namespace headroom::test;
using headroom::tools::HeadMaps;
using headroom::tools::summarise;
using headroom::tools::verdict;

namespace {

const Score even = looks_everywhere(), first = looks_at_key(0), self = looks_at_offset(0);
const Score blind = [](std::int64_t, std::int64_t) { return -INFINITY; };

std::string line(const std::vector<Score>& heads, const std::vector<std::size_t>& spoilt = {},
                 const MapShape& shape = {}) {
    HeadMaps maps = maps_of(heads, shape);
    for (const std::size_t head : spoilt)
        maps.weights[head * static_cast<std::size_t>(maps.queries * maps.keys)] =
            std::numeric_limits<float>::quiet_NaN();
    return verdict(summarise(maps));
}

}  // namespace

TEST_CASE("head verdict: idle heads") {
    CHECK(line({self, self}) == "No head is idle.");
    CHECK(line({self, even}) == "Head 1 is idle: it spreads its attention evenly.");
    CHECK(line({even, self, even}) ==
          "Heads 0 and 2 are idle: they spread their attention evenly.");
    CHECK(line({self, self, even, self, self, first}) ==
          "Heads 2 and 5 are idle: 2 spreads its attention evenly, 5 rests on the first key.");
    CHECK(line({self, first, first, first, even}) ==
          "Heads 1-4 are idle: 4 spreads its attention evenly, 1-3 rest on the first key.");
    CHECK(line({first, first}) == "All 2 heads are idle: they rest on the first key.");
    const Score third = looks_at_key(3), last = looks_at_key(15);
    CHECK(line({self, third}) == "Head 1 is idle: it rests on key 3.");
    CHECK(line({third, self, third, first}) ==
          "Heads 0, 2 and 3 are idle: 3 rests on the first key, 0 and 2 rest on key 3.");
    CHECK(line({third, last}) == "All 2 heads are idle: they rest on one key each.");
    std::vector<Score> many(40, self);
    for (std::size_t i = 0; i < 40; i += 2) many[i] = even;
    CHECK(line(many) == "20 of 40 heads are idle: they spread their attention evenly.");
}

TEST_CASE("head verdict: heads that are not a number") {
    const std::string why = "not a number: the input or the weights hold a NaN, or overflow";
    CHECK(line({self, self, self}, {0, 1, 2}) == "All 3 heads are " + why + ".");
    CHECK(line({self}, {0}) == "Head 0 is " + why + ".");
    CHECK(line({self, self, even, even}, {2, 3}) ==
          "Heads 2 and 3 are " + why + "; no other head is idle.");
    CHECK(line({self, even, even}, {1}) ==
          "Head 1 is " + why + "; head 2 is idle: it spreads its attention evenly.");
}

TEST_CASE("head verdict: heads that see nothing to choose from") {
    CHECK(line({blind, blind}) == "No head sees any key.");
    CHECK(line({self, blind, blind, blind}) == "Heads 1-3 see no key; no other head is idle.");
    CHECK(line({blind, even}, {1}) ==
          "Head 1 is not a number: the input or the weights hold a NaN, or overflow; head 0 sees "
          "no key.");
    CHECK(line({self, self}, {}, {.queries = 1, .keys = 1}) ==
          "No head has a choice: each query sees one key.");
}
