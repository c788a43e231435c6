// What a head is said to look at, and which heads are said to be idle.
#include <doctest.h>

#include "tools/head_summary.hpp"

#include <cmath>
#include <limits>

#include "tools/head_words.hpp"
#include "tools/heads_text.hpp"
#include "tools/synthetic_maps.hpp"

using namespace headroom::test;
using headroom::tools::Aim;
using headroom::tools::HeadMaps;
using headroom::tools::HeadSummary;
using headroom::tools::label_of;
using headroom::tools::Pattern;
using headroom::tools::summarise;

namespace {

HeadSummary only(const Score& score, const MapShape& shape = {}) {
    return summarise(maps_of({score}, shape)).front();
}

std::string padded(const std::string& text, std::size_t width) {
    return text + std::string(width - text.size(), ' ');
}

double distance_score(std::int64_t position, std::int64_t key, double slope) {
    return -slope * static_cast<double>(std::abs(key - position));
}

}  // namespace

TEST_CASE("head summary: the key at a distance") {
    CHECK(only(looks_at_offset(-1)).group == "previous token");
    CHECK(only(looks_at_offset(0)).group == "itself");
    CHECK(only(looks_at_offset(1)).group == "next token");
    CHECK(only(looks_at_offset(-5)).group == "5 tokens back");
    CHECK(only(looks_at_offset(7)).group == "7 tokens ahead");
    // e^6 of e^6 + 15
    CHECK(only(looks_at_offset(0)).share == doctest::Approx(0.9641).epsilon(1e-3));
    CHECK(label_of(only(looks_at_offset(0))) == "itself, 96 % of its attention");
    CHECK(only(looks_at_offset(-1), {.causal = true}).group == "previous token");
    // The last six queries of 16 tokens, as in a cache.
    CHECK(only(looks_at_offset(-1), {.queries = 6}).group == "previous token");
    // Between two sequences there is no distance.
    const HeadSummary cross = only(looks_at_offset(-1), {.self = false});
    CHECK(cross.pattern == Pattern::few);
    CHECK_FALSE(cross.distance.has_value());
}

TEST_CASE("head summary: the share decides") {
    // e^h / (e^h + 15) is 0.5 at h = ln 15: a little above and below
    const HeadSummary above = only(looks_at_offset(0, 2.72)),
                      below = only(looks_at_offset(0, 2.69));
    CHECK(above.pattern == Pattern::offset);
    CHECK(below.pattern == Pattern::broad);
    CHECK(below.aim == Aim::offset);
    CHECK(below.detail == "about 7.8 of 16 keys; 50 % on itself");
}

TEST_CASE("head summary: one key for all queries") {
    const HeadSummary head = only(looks_at_key(9, 4.0));
    CHECK(head.pattern == Pattern::fixed);
    CHECK(head.group == "key 9");
    CHECK_FALSE(head.idle);
    HeadMaps labelled = maps_of({looks_at_key(9, 4.0)});
    for (int i = 0; i < 16; ++i) labelled.key_labels.push_back("t" + std::to_string(i));
    CHECK(summarise(labelled).front().group == "key 9 “t9”");
    // A key that hardly any query sees is no aim.
    CHECK(only(looks_at_key(15), {.causal = true}).pattern != Pattern::fixed);
}

TEST_CASE("head summary: resting on the first key is idle from 90 % on") {
    CHECK(only(looks_at_key(0)).pattern == Pattern::rests);
    CHECK(only(looks_at_key(0)).idle);
    CHECK(only(looks_at_key(0), {.causal = true}).pattern == Pattern::rests);
    // ln(15 * 9) = 4.905
    CHECK(only(looks_at_key(0, 4.92)).idle);
    const HeadSummary mostly = only(looks_at_key(0, 4.89));
    CHECK_FALSE(mostly.idle);
    CHECK(mostly.group == "first key");
}

TEST_CASE("head summary: resting on any other key is idle, too, if several queries do") {
    const HeadSummary head = only(looks_at_key(9));
    CHECK(head.pattern == Pattern::rests);
    CHECK(head.idle);
    CHECK(head.key == 9);
    CHECK(label_of(head) == "idle: key 9, 96 % of its attention");
    CHECK_FALSE(only(looks_at_key(9, 4.89)).idle);
    CHECK(only(looks_at_key(9), {.self = false}).idle);
    // Of 15 queries with a choice 9 see key 7 in a causal layer, 3 key 13.
    CHECK(only(looks_at_key(7), {.causal = true}).group == "idle: key 7");
    CHECK_FALSE(only(looks_at_key(13), {.causal = true}).idle);
    // What one or two queries look at may be their choice.
    CHECK_FALSE(only(looks_at_key(9), {.queries = 2}).idle);
    CHECK_FALSE(only(looks_at_key(9), {.queries = 2, .self = false}).idle);
    CHECK(only(looks_at_key(9), {.queries = 3}).idle);
    CHECK(only(looks_at_key(0), {.queries = 1}).idle);
}

TEST_CASE("head summary: an even spread is idle up to 10 % from even") {
    CHECK(only(looks_everywhere()).pattern == Pattern::even);
    CHECK(only(looks_everywhere()).idle);
    CHECK(only(looks_everywhere(), {.causal = true}).pattern == Pattern::even);
    // Half of the keys get e^h times as much: tanh(h / 2) / 2 has to move.
    const auto uneven = [](double height) {
        return only([=](std::int64_t position, std::int64_t key) {
            return (position + key) % 2 == 0 ? height : 0.0;
        });
    };
    CHECK(uneven(0.40).uneven == doctest::Approx(0.0987).epsilon(1e-3));
    CHECK(uneven(0.40).pattern == Pattern::even);
    CHECK(uneven(0.41).pattern == Pattern::broad);
    CHECK_FALSE(uneven(0.41).idle);
}

TEST_CASE("head summary: a sink that takes nearly everything is idle") {
    const HeadSummary head = only(looks_at_offset(0, 1.0), {.sink = 6.0});
    CHECK(head.pattern == Pattern::outside);
    CHECK(head.idle);
    CHECK(head.outside == doctest::Approx(0.957).epsilon(1e-2));
    CHECK_FALSE(only(looks_at_offset(0, 9.0), {.sink = 6.0}).idle);
}

TEST_CASE("head summary: nearby, a few, many") {
    const MapShape wide{.queries = 64, .keys = 64};
    const auto near = [](std::int64_t p, std::int64_t k) { return distance_score(p, k, 0.8); };
    CHECK(only(near, wide).pattern == Pattern::nearby);
    CHECK(only(near, wide).distance.value() < 2.0);
    // Of seven keys, three each way are nearly all.
    CHECK(only(near, {.queries = 7, .keys = 7}).pattern != Pattern::nearby);
    const auto scattered = [](std::int64_t p, std::int64_t k) {
        return (7 * p + 3 * k) % 13 == 0 ? 5.0 : 0.0;
    };
    CHECK(only(scattered, wide).pattern == Pattern::few);
    const auto halves = [](std::int64_t p, std::int64_t k) { return (p ^ k) & 1 ? 3.0 : 0.0; };
    CHECK(only(halves, wide).pattern == Pattern::broad);
}

TEST_CASE("head summary: entropy and distance are those of the weights") {
    const HeadSummary head = only(looks_everywhere(), {.causal = true});
    double bits = 0.0, distance = 0.0;
    for (int query = 0; query < 16; ++query) bits += std::log2(query + 1.0) / 16.0;
    for (int query = 1; query < 16; ++query) distance += query / 2.0 / 15.0;
    CHECK(head.entropy == doctest::Approx(bits).epsilon(1e-5));
    CHECK(head.most_entropy == doctest::Approx(bits).epsilon(1e-9));
    CHECK(head.distance.value() == doctest::Approx(distance).epsilon(1e-5));
    CHECK(head.visible == doctest::Approx(9.0));
}

TEST_CASE("head summary: nothing, one key, and what is not a number") {
    CHECK(only([](auto, auto) { return -INFINITY; }).pattern == Pattern::nothing);
    CHECK(only(looks_everywhere(), {.queries = 1, .keys = 1}).pattern == Pattern::one_key);
    HeadMaps maps = maps_of({looks_everywhere()});
    maps.weights[5] = std::numeric_limits<float>::quiet_NaN();
    CHECK(summarise(maps).front().pattern == Pattern::not_a_number);
    CHECK_FALSE(summarise(maps).front().idle);
    CHECK_FALSE(summarise(maps).front().largest.has_value());
}

TEST_CASE("head summary: the largest weight is of a query that has a choice") {
    // Query 0 sees one key, with weight 1; e^3 / (e^3 + 8) is that of query 9.
    const auto late = [](std::int64_t position, std::int64_t key) {
        return position == 9 && key == 4 ? 3.0 : 0.0;
    };
    const HeadSummary head = only(late, {.causal = true});
    REQUIRE(head.largest.has_value());
    CHECK(head.largest->query == 9);
    CHECK(head.largest->key == 4);
    CHECK(static_cast<double>(head.largest->weight) == doctest::Approx(0.6906).epsilon(1e-3));
    // Of equal ones the first query, then the lowest key.
    const HeadSummary even = only(looks_everywhere(), {.causal = true});
    CHECK(even.largest->query == 1);
    CHECK(even.largest->key == 0);
    CHECK_FALSE(only(looks_everywhere(), {.queries = 1, .keys = 1}).largest.has_value());
    CHECK_FALSE(only([](auto, auto) { return -INFINITY; }).largest.has_value());
}

TEST_CASE("heads text: the maps as characters") {
    const HeadMaps maps = maps_of({looks_at_offset(-1, 9.0), looks_everywhere()},
                                  {.queries = 4, .keys = 4, .causal = true});
    const std::string text = headroom::tools::heads_text(maps, summarise(maps), true);
    CHECK(text.starts_with("head  entropy, bits"));
    CHECK(text.find("largest weight: of queries that see two keys or more; distance") !=
          std::string::npos);
    CHECK(text.find("about n of m keys") == std::string::npos);
    const auto line = [&text](const std::string& left, const std::string& right) {
        const std::size_t at = text.find("\n" + left);
        if (at == std::string::npos) return false;
        const std::string found = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
        return found.ends_with(right);
    };
    CHECK(line("head 0: previous token", "head 1: idle: spread evenly"));
    CHECK(line("|#---|", " |#---|"));
    CHECK(line("|#.--|", " |**--|") == false);
    CHECK(line("|# --|", " |**--|"));
    CHECK(line("| # -|", " |+++-|"));
    CHECK(line("|  # |", " |++++|"));
    CHECK(text.find("a character stands for") == std::string::npos);

    HeadMaps wide = maps_of({looks_at_offset(0)}, {.queries = 40, .keys = 40});
    wide.query_labels.assign(40, "label");
    const std::string reduced = headroom::tools::heads_text(wide, summarise(wide), false);
    CHECK(reduced.find("a character stands for 3 x 2 weights") != std::string::npos);
    CHECK(reduced.find("label") == std::string::npos);
}

TEST_CASE("heads text: labels stand left of the rows") {
    HeadMaps maps = maps_of({looks_at_offset(0, 9.0), looks_at_key(0, 9.0)},
                            {.queries = 3, .keys = 3, .causal = true});
    maps.query_labels = maps.key_labels = {"é", "[SEP]", "a longer label than that"};
    const std::string text = headroom::tools::heads_text(maps, summarise(maps), true);
    CHECK(text.find("\n             head 0: ") != std::string::npos);
    CHECK(text.find("\né            |#--|\n") != std::string::npos);
    CHECK(text.find("\n[SEP]        | #-|\n") != std::string::npos);
    CHECK(text.find("\na longer lab |  #|\n") != std::string::npos);
}

TEST_CASE("heads text: a head that is not a number has a label and no numbers") {
    HeadMaps maps = maps_of({looks_at_offset(0), looks_everywhere()});
    maps.weights[0] = NAN;
    const std::string text = headroom::tools::heads_text(maps, summarise(maps), true);
    const std::size_t at = text.find("\n   0 ");
    REQUIRE(at != std::string::npos);
    const std::string line = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
    CHECK(line == padded("   0", 58) + "not a number");
    CHECK(text.find("nan") == std::string::npos);
    CHECK(text.find("\n? not a number\n") != std::string::npos);
}
