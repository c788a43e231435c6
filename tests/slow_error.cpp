// How far float attention is from double: the numbers of the README, and their promise.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "support/reference.hpp"
#include "support/run.hpp"

using namespace headroom;
using namespace headroom::test;

namespace {

// The largest error of 256 queries of one head over 1,024 keys of width 64, relative to the largest
// output. Q, K and V are N(0,1) and the scale 1/8, so the logits have standard deviation 1; Q is
// multiplied by `deviation`.
double largest_error(double deviation, std::uint64_t seed) {
    Random random(seed);
    Problem p;
    p.sizes = {.queries = 256, .keys = 1024, .key_width = 64, .value_width = 64};
    p.query = Field::token_major(1, 256, 1, 64);
    p.key = Field::token_major(1, 1024, 1, 64);
    p.value = Field::token_major(1, 1024, 1, 64);
    p.out = Field::token_major(1, 256, 1, 64);
    p.query.fill(random, deviation);
    p.key.fill(random);
    p.value.fill(random);
    p.how.scale = 0.125f;
    REQUIRE(run(best_port(), p, p.out).ok());
    double error = 0.0, largest = 0.0;
    p.out.for_each_row([&](Index, Index i, Index, std::span<const float> row) {
        const Row want = reference_row(p, 0, 0, i);
        for (std::size_t c = 0; c < row.size(); ++c) {
            error = std::max(error, std::abs(row[c] - want.out[c]));
            largest = std::max(largest, std::abs(want.out[c]));
        }
    });
    return error / largest;
}

double worst_of_seeds(double deviation) {
    double worst = 0.0;
    for (std::uint64_t seed = 81; seed < 85; ++seed)
        worst = std::max(worst, largest_error(deviation, seed));
    return worst;
}

}  // namespace

TEST_CASE("error: 1,024 keys, width 64, against double precision") {
    const double normal = worst_of_seeds(1.0);
    MESSAGE("logits of standard deviation 1: largest error ", normal, " of the largest output");
    CHECK(normal <= 2e-6);
    for (const double deviation : {3.0, 10.0, 30.0}) {
        const double error = worst_of_seeds(deviation);
        MESSAGE("logits of standard deviation ", deviation, ": largest error ", error);
        // A logit of size s carries a rounding error in proportion to s, and exp turns it into a
        // relative one.
        CHECK(error <= 2e-6 * std::max(1.0, deviation));
    }
}
