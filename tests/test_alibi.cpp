// ALiBi by its formula, to the last bit: on both sides of a query, where distances begin to
// saturate, and in every layout that a port has.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "support/bits.hpp"
#include "support/run.hpp"
#include "support/shown.hpp"

using namespace headroom;
using namespace headroom::test;

namespace {

constexpr std::int64_t farthest = std::int64_t{1} << 23;

// Where query 0 lies, for distances that reach 2^23 within the call, everywhere or nowhere; some of
// them where tests are slow.
std::vector<std::int64_t> first_positions(Random& random) {
    std::vector<std::int64_t> all{std::int64_t{1} << 40, -(std::int64_t{1} << 60),
                                  std::int64_t{1} << 60};
    for (const std::int64_t around : {std::int64_t{0}, farthest, -farthest})
        for (const int by : {-300, -129, -128, -60, -1, 0, 1, 63, 100, 128, 255, 299, 300, 400})
            all.push_back(around + by);
    random.shuffle(std::span<std::int64_t>(all));
    all.resize(static_cast<std::size_t>(std::max(4, repeats(static_cast<int>(all.size())))));
    return all;
}

void show(Stage stage, const Port& port, const Problem& p, Shown& shown) {
    const WeightsCallback callback{stage, &shown, Shown::receive};
    REQUIRE(run(port, p, *shown.out, {.weights = &callback}).ok());
}

}  // namespace

TEST_CASE("alibi: the formula, to the last bit") {
    Random random(83);
    for (const Index queries : {1, 5, 60})
        for (const std::int64_t first : first_positions(random)) {
            Problem p =
                random_problem(random, {.queries = queries, .keys = 300, .heads = 2}, 0.0, false);
            p.how = {.first_position = first};
            p.slopes = Array<float>(2);
            p.slopes[0] = 0.25f;  // a power of two: its products are exact
            p.slopes[1] = -0x1p-23f;
            p.alibi = Alibi{p.slopes.span()};
            const Field want = p.out.blank();
            REQUIRE(run(scalar_port(), p, want).ok());
            for (const Port* port : runnable_ports()) {
                INFO("port ", name_of(*port), " queries ", queries, " first ", first);
                const Field out = p.out.blank();
                REQUIRE(run(*port, p, out).ok());
                REQUIRE(difference(want.memory(), out.memory()) == "");

                const Field unread = p.out.blank(), unread_too = p.out.blank();
                Shown raw(p, unread), biased(p, unread_too);
                show(Stage::raw, *port, p, raw);
                show(Stage::bias, *port, p, biased);
                for (Index h = 0; h < 2; ++h)
                    for (Index i = 0; i < queries; ++i)
                        for (Index j = 0; j < 300; ++j) {
                            const std::size_t at = raw.place(0, h, i, j);
                            const std::int64_t distance = std::abs(first + i - j);
                            const auto counted = static_cast<float>(std::min(distance, farthest));
                            const float score = raw.values[at] - p.slopes[h] * counted;
                            if (biased.values[at] != score)
                                FAIL("head " << h << " query " << i << " key " << j);
                        }
            }
        }
}
