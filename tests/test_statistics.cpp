// What Statistics say: rows, entropy, the largest weight and where it is.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "support/bits.hpp"
#include "support/reference.hpp"
#include "support/run.hpp"
#include "support/shown.hpp"

using namespace headroom;
using namespace headroom::test;

TEST_CASE("statistics: entropy, the largest weight and where it is") {
    Random seeds(74);
    for (int n = 0; n < repeats(400); ++n) {
        const std::uint64_t seed = seeds.bits();
        Random r(seed);
        const Problem p =
            random_problem(r, Sizes::random(r, 60, n % 10 == 0 ? 300 : 60), n % 3 == 0 ? 0.0 : 0.3);
        const Sizes& s = p.sizes;
        const Port& port = some_port(n);
        INFO("case ", n, " seed ", seed, " port ", name_of(port), ": ", describe(p));
        std::vector<HeadStatistics> statistics(static_cast<std::size_t>(s.batches * s.heads));
        const Field out = p.out.blank(), unused = p.out.blank();
        Shown shown(p, unused);
        const WeightsCallback callback{Stage::softmax, &shown, Shown::receive};
        const Statistics into{statistics};
        REQUIRE(run(port, p, out, {.weights = &callback, .statistics = &into}).ok());

        for (Index b = 0; b < s.batches; ++b)
            for (Index h = 0; h < s.heads; ++h) {
                const HeadStatistics& got = statistics[static_cast<std::size_t>(b * s.heads + h)];
                HeadStatistics want;
                double entropy = 0.0, tolerance = 0.0;
                for (Index i = 0; i < s.queries; ++i) {
                    const Row row = reference_row(p, b, h, i);
                    if (!row.sees || (p.heads && !p.kept_heads[h])) continue;
                    ++want.rows;
                    entropy += row.entropy;
                    // w (1 + d) changes -w log w by at most d w (|log w| + 1); log l cancels in
                    // part.
                    tolerance += row.weight_error *
                                 (row.entropy + 1.0 + std::log(static_cast<double>(s.keys) + 3.0));
                    for (Index j = 0; j < s.keys; ++j) {
                        const float weight = shown.values[shown.place(b, h, i, j)];
                        if (!(weight > want.largest_weight)) continue;  // ties: the first
                        want.largest_weight = weight;
                        want.query = i;
                        want.key = j;
                    }
                }
                INFO("batch ", b, " head ", h);
                REQUIRE(got.rows == want.rows);
                REQUIRE(bits_of(got.largest_weight) == bits_of(want.largest_weight));
                REQUIRE(got.query == want.query);
                REQUIRE(got.key == want.key);
                const double rows = std::max<double>(1.0, static_cast<double>(want.rows));
                REQUIRE(std::abs(got.entropy - entropy / rows) <= tolerance / rows + 1e-30);
            }
    }
}

TEST_CASE("statistics: of equal weights the first query and the lowest key") {
    for (const Port* port : runnable_ports())
        for (const Index queries : {1, 3, 20}) {
            Random random(75);
            Problem p = random_problem(random, {.queries = queries, .keys = 140, .key_width = 4},
                                       0.0, false);
            p.how = {.valid_keys = {}, .first_positions = {}};
            const auto zero = [](Index, Index, Index, std::span<float> row) {
                for (float& x : row) x = 0.0f;
            };
            p.query.for_each_row(zero);
            HeadStatistics head;
            const Statistics into{{&head, 1}};
            const Field out = p.out.blank();
            REQUIRE(run(*port, p, out, {.statistics = &into}).ok());
            INFO("port ", name_of(*port), " queries ", queries);
            CHECK(head.rows == queries);
            CHECK(head.query == 0);
            CHECK(head.key == 0);
            CHECK(std::abs(head.largest_weight - 1.0 / 140.0) < 1e-8);
            CHECK(std::abs(head.entropy - std::log(140.0)) < 1e-5);

            // Two keys of the same large score, in different blocks and lanes: the lower one.
            p.query.for_each_row([](Index, Index, Index, std::span<float> row) { row[0] = 1.0f; });
            p.key.for_each_row(zero);
            p.key.at(0, 37, 0, 0) = p.key.at(0, 131, 0, 0) = 4.0f;
            REQUIRE(run(*port, p, out, {.statistics = &into}).ok());
            CHECK(head.query == 0);
            CHECK(head.key == 37);
        }
}

TEST_CASE("statistics: of equal weights the first query, though its key is in a later block") {
    for (const Port* port : runnable_ports()) {
        Problem p;
        p.sizes = {.queries = 3, .keys = 200, .key_width = 2, .value_width = 1};
        p.query = Field::token_major(1, 3, 1, 2);
        p.key = Field::token_major(1, 200, 1, 2);
        p.value = Field::token_major(1, 200, 1, 1);
        p.out = Field::token_major(1, 3, 1, 1);
        for (const Field* field : {&p.query, &p.key, &p.value})
            std::fill(field->memory().begin(), field->memory().end(), 0.0f);
        // Weights of exactly 1: query 0 on key 150, queries 1 and 2 on key 5.
        p.query.at(0, 0, 0, 0) = p.query.at(0, 1, 0, 1) = p.query.at(0, 2, 0, 1) = 100.0f;
        p.key.at(0, 150, 0, 0) = p.key.at(0, 5, 0, 1) = 100.0f;
        HeadStatistics head;
        const Statistics into{{&head, 1}};
        const Field out = p.out.blank();
        REQUIRE(run(*port, p, out, {.statistics = &into}).ok());
        INFO("port ", name_of(*port));
        CHECK(head.largest_weight == 1.0f);
        CHECK(head.query == 0);
        CHECK(head.key == 150);
        CHECK(head.entropy == 0.0f);
    }
}

TEST_CASE("statistics: a row that a NaN reaches shows it, and nothing to see is nothing") {
    for (const Port* port : runnable_ports()) {
        Random random(76);
        Problem p = random_problem(random, {.queries = 4, .keys = 6, .key_width = 4}, 0.0, false);
        std::int64_t none[] = {0};
        p.how = {.valid_keys = none};
        HeadStatistics head{7, 7.0f, 7.0f, 7, 7};
        const Statistics into{{&head, 1}};
        const Field out = p.out.blank();
        REQUIRE(run(*port, p, out, {.statistics = &into}).ok());
        INFO("port ", name_of(*port));
        CHECK(head.rows == 0);
        CHECK(head.entropy == 0.0f);
        CHECK(head.largest_weight == 0.0f);
        CHECK(head.query == -1);
        CHECK(head.key == -1);

        p.how = {};
        p.key.at(0, 2, 0, 1) = std::numeric_limits<float>::quiet_NaN();
        REQUIRE(run(*port, p, out, {.statistics = &into}).ok());
        CHECK(head.entropy != head.entropy);
        CHECK(head.largest_weight != head.largest_weight);
        CHECK(head.query == 0);
        CHECK(head.key == 0);
    }
}

TEST_CASE("statistics: a NaN is found at the same place on every port, in slices and in tiles") {
    Random random(77);
    Problem p = random_problem(random, {.queries = 70, .keys = 300, .key_width = 4}, 0.0, false);
    p.how = {.causal = true, .first_position = 200};
    // Query 3 sees it in block 1 (key 203), query 2 does not; query 60 sees one more in block 0.
    p.key.at(0, 203, 0, 0) = std::numeric_limits<float>::quiet_NaN();
    p.query.at(0, 60, 0, 0) = std::numeric_limits<float>::quiet_NaN();
    for (const Port* port : runnable_ports()) {
        HeadStatistics head;
        const Statistics into{{&head, 1}};
        const Field out = p.out.blank();
        REQUIRE(run(*port, p, out, {.statistics = &into}).ok());
        INFO("port ", name_of(*port));
        CHECK(head.rows == 70);
        CHECK(head.largest_weight != head.largest_weight);
        CHECK(head.query == 3);
        CHECK(head.key == 0);  // the sum is NaN, and so is every weight of the row
    }
}

TEST_CASE("statistics: of NaN weights the first query, though its keys are in a later block") {
    for (const Port* port : runnable_ports()) {
        Random random(78);
        Problem p =
            random_problem(random, {.queries = 20, .keys = 300, .key_width = 4}, 0.0, false);
        p.how = {};
        for (const Index query : {2, 5})
            p.query.at(0, query, 0, 0) = std::numeric_limits<float>::quiet_NaN();
        std::vector<std::uint8_t> visible(20 * 300, 1);
        for (std::size_t j = 0; j < 150; ++j) visible[2 * 300 + j] = 0;
        p.mask = BoolMask{
            {{reinterpret_cast<const bool*>(visible.data()), visible.size()}, 300, 0, 0, 300, 1}};
        HeadStatistics head;
        const Statistics into{{&head, 1}};
        const Field out = p.out.blank();
        REQUIRE(run(*port, p, out, {.statistics = &into}).ok());
        INFO("port ", name_of(*port));
        CHECK(head.largest_weight != head.largest_weight);
        CHECK(head.query == 2);
        CHECK(head.key == 150);
    }
}
