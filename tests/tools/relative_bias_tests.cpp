// T5's buckets, against numbers worked out by hand from the paper's formula.
#include <doctest.h>

#include "tools/relative_bias.hpp"

#include <vector>

using headroom::tools::relative_bucket;
using headroom::tools::RelativeBuckets;

TEST_CASE("relative bias: the buckets of an encoder") {
    const RelativeBuckets buckets{32, 128, false};
    const auto before = [&](int distance) {
        return relative_bucket(buckets, 1000, 1000 - distance);
    };
    for (int distance = 0; distance < 8; ++distance) CHECK(before(distance) == distance);
    CHECK(before(8) == 8);
    CHECK(before(11) == 8);
    CHECK(before(12) == 9);  // 8 * 2^(1/2) = 11.3
    CHECK(before(15) == 9);
    CHECK(before(16) == 10);  // exactly 8 * 2
    CHECK(before(31) == 11);
    CHECK(before(32) == 12);
    CHECK(before(63) == 13);
    CHECK(before(64) == 14);
    CHECK(before(90) == 14);
    CHECK(before(91) == 15);  // 8 * 2^(7/2) = 90.5
    CHECK(before(128) == 15);
    CHECK(before(1000) == 15);
    for (int distance = 1; distance < 300; ++distance)
        CHECK(before(-distance) == 16 + before(distance));
}

TEST_CASE("relative bias: the buckets of a decoder, where nothing later is seen") {
    const RelativeBuckets buckets{32, 128, true};
    const auto before = [&](int distance) {
        return relative_bucket(buckets, 1000, 1000 - distance);
    };
    for (int distance = 0; distance < 16; ++distance) CHECK(before(distance) == distance);
    CHECK(before(16) == 16);
    CHECK(before(18) == 16);
    CHECK(before(19) == 17);  // 16 * 8^(1/16) = 18.2
    CHECK(before(32) == 21);  // 16 + 16 / 3
    CHECK(before(64) == 26);
    CHECK(before(127) == 31);
    CHECK(before(1000) == 31);
    CHECK(before(-1) == 0);
    CHECK(before(-500) == 0);
}

TEST_CASE("relative bias: each score takes its head's number") {
    const headroom::tools::RelativeBias table{4, 2, {0, 1, 10, 11, 20, 21, 30, 31}};
    const std::vector<float> bias =
        headroom::tools::score_bias(table, {4, 8, false}, /*queries=*/2, /*keys=*/3);
    // head 0: distance 0 is bucket 0, one before 1, later ones 3
    CHECK(bias == std::vector<float>{0, 30, 30, 10, 0, 30, 1, 31, 31, 11, 1, 31});
}
