// Shortcuts of a call against the formulas that they stand for.
#include <cmath>
#include <cstdint>

#include <doctest.h>

#include "attention/plan.hpp"

using namespace headroom;
using namespace headroom::detail;

TEST_CASE("the remainder of a position is that of the division, however large") {
    constexpr std::int64_t dividers[] = {1,     2,          3,           7,          48,
                                         65537, 0xffffffff, 0x100000000, 0xfffffffff};
    constexpr std::int64_t near[] = {0, 1000, 0xffffffff, 0x100000000, largest / 3, largest};
    for (const std::int64_t d : dividers) {
        for (const std::int64_t n : near) {
            for (std::int64_t i = -3; i <= 3; ++i) {
                if (n + i < 0) continue;
                CHECK(remainder_of(n + i, d) == (n + i) % d);
            }
        }
    }
}

TEST_CASE("the default scale is the root in double precision, rounded once") {
    for (Index width = 1; width <= 65536; ++width) {
        ConstTensor query;
        query.width = width;
        const Tensor out;
        const Attention how;
        const AttendCall call{best_port(), query, no_tensor, no_tensor,  nullptr,
                              out,         {},    how,       no_features};
        const auto wanted = static_cast<float>(1.0 / std::sqrt(static_cast<double>(width)));
        if (scale_of(call) != wanted) FAIL("width " << width);
    }
}

TEST_CASE("a root of integers alone is the one of double precision, rounded once") {
    constexpr std::int64_t count = 200000, below = std::int64_t{1} << 36;
    for (const std::int64_t start :
         {std::int64_t{1}, std::int64_t{1} << 20, std::int64_t{1} << 30, below - count}) {
        if (start > PTRDIFF_MAX) continue;
        for (std::int64_t n = start; n < start + count; ++n) {
            const auto wanted = static_cast<float>(1.0 / std::sqrt(static_cast<double>(n)));
            if (inverse_square_root(static_cast<Index>(n)) != wanted) FAIL("width " << n);
        }
    }
}

TEST_CASE("the lanes of a tile are its rows in whole vectors, at most 48") {
    for (Index queries = 1; queries < 60; ++queries) {
        for (Index group = 1; group < 60; ++group) {
            const Index rows = queries * group, wanted = rows > 32 ? 48 : rows > 16 ? 32 : 16;
            CHECK(lanes_of(queries, group) == wanted);
            CHECK(tile_lanes(queries, 5 * group, 5) == wanted);
        }
    }
    CHECK(tile_lanes(1, 7, 3) == 0);
    CHECK(lanes_of(largest > PTRDIFF_MAX ? PTRDIFF_MAX : 1 << 30, PTRDIFF_MAX) == 48);
}
