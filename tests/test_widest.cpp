// Widths that no memory holds, claimed by views all the same: each call refuses them, or has
// nothing to do, before anything is computed of them. Caches and layers count widths by int.
#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include <headroom/headroom.h>
#include <headroom/headroom.hpp>

#include "support/memory.hpp"
#include "support/refusals.hpp"

using namespace headroom;
using namespace headroom::test;

namespace {

constexpr Index largest = std::numeric_limits<Index>::max();

// One more than each power of two from 2^24 on, whose root is irrational, and the largest number.
std::vector<Index> wide() {
    std::vector<Index> widths{largest};
    for (Index width = Index{1} << 24; width <= largest / 2; width *= 2)
        widths.push_back(width + 1);
    widths.push_back(largest / 2 + 2);
    return widths;
}

// A row that is claimed to be that wide; nobody may read it. It lies last: the claim covers what
// follows.
struct Wide {
    alignas(64) std::byte scratch[64] = {};
    float result[1] = {};
    Index width;
    ConstTensor query, key, value;
    Tensor out;
    float row[1] = {};

    Wide(Index wide, Index queries)
        : width(wide),
          query{{row, static_cast<std::size_t>(width)}, 1, queries, 1, width, 0, 0, 0},
          key{{}, 1, 0, 1, width, 0, 0, 0},
          value{{}, 1, 0, 1, 1, 0, 0, 0},
          out{result, 1, queries, 1, 1, 0, 1, 1} {}

    template <class... Features>
    std::string attends(const Features&... features) {
        return words(attend(best_port(), query, key, value, out, scratch, {}, features...));
    }

    std::string attends_from_c() {
        const hr_const_tensor
            q = {query.data.data(), query.data.size(), 1, query.tokens, 1, width, 0, 0, 0},
            k = {nullptr, 0, 1, 0, 1, width, 0, 0, 0}, v = {nullptr, 0, 1, 0, 1, 1, 0, 0, 0};
        const hr_tensor y = {result, 1, 1, out.tokens, 1, 1, 0, 1, 1};
        const hr_result r =
            hr_attend(hr_best_port(), q, k, v, y, {scratch, sizeof scratch}, nullptr, nullptr);
        return words(static_cast<Status>(r.status), r.argument);
    }
};

}  // namespace

TEST_CASE("widest: a row that wide is refused, since no scratch is large enough") {
    for (const Index width : wide()) {
        INFO("width ", width);
        const std::size_t bytes = scratch_bytes(AttendShape{1, 1, 1, width, 1});
        const std::string want =
            bytes == 0 ? words(Status::bad_shape, 2) : words(Status::too_small, 6);
        HeadStatistics head;
        Wide call(width, 1);
        CHECK(call.attends() == want);
        CHECK(call.attends(Statistics{{&head, 1}}) == want);
        CHECK(call.attends_from_c() == want);
    }
}

TEST_CASE("widest: without queries there is nothing to compute, however wide they are") {
    const std::string ok = words(Status::ok, 0);
    for (const Index width : wide()) {
        INFO("width ", width);
        HeadStatistics head{.rows = 1};
        Wide call(width, 0);
        call.query.data = {};
        CHECK(call.attends() == ok);
        CHECK(call.attends(Statistics{{&head, 1}}) == ok);
        CHECK(head.rows == 0);
        CHECK(call.attends_from_c() == ok);
    }
}
