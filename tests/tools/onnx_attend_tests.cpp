// ai.onnx.Attention's inputs: where the queries stand, and what does not fit is named.
#include <doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/onnx_attend.hpp"
#include "tools/onnx_inputs.hpp"
#include "tools/user_error.hpp"

namespace {

using headroom::test::Random;
using headroom::test::random_array;
using headroom::test::random_mask;
using namespace headroom::tools;

// The message of the refusal; "" if there was none.
std::string refusal(OnnxInputs in, const OnnxAttributes& attributes = {}) {
    try {
        const OnnxAttend attend(std::move(in), attributes);
    } catch (const UserError& error) {
        return error.what();
    }
    return "";
}

OnnxInputs shapes(const Dims& q, const Dims& k, const Dims& v) {
    Random random(1);
    return {random_array(random, "Q", q),
            random_array(random, "K", k),
            random_array(random, "V", v),
            {},
            {},
            {},
            {}};
}

}  // namespace

TEST_CASE("attend: shapes that do not fit are named, both of them") {
    CHECK(refusal(shapes({1, 2, 3, 4}, {1, 2, 5, 4}, {1, 2, 5, 6})).empty());
    CHECK(refusal(shapes({1, 2, 3, 4}, {2, 2, 5, 4}, {1, 2, 5, 6})) ==
          "Q has shape [1, 2, 3, 4], K has shape [2, 2, 5, 4]: their batches differ");
    CHECK(refusal(shapes({1, 2, 3, 4}, {1, 2, 5, 4}, {2, 2, 5, 6})) ==
          "K has shape [1, 2, 5, 4], V has shape [2, 2, 5, 6]: their batches differ");
    CHECK(refusal(shapes({1, 2, 3, 4}, {1, 2, 5, 3}, {1, 2, 5, 6})) ==
          "Q has shape [1, 2, 3, 4], K has shape [1, 2, 5, 3]: a query and a key differ in width");
    CHECK(refusal(shapes({1, 2, 3, 4}, {1, 2, 5, 4}, {1, 1, 5, 6})) ==
          "K has shape [1, 2, 5, 4], V has shape [1, 1, 5, 6]: their heads differ");
    CHECK(refusal(shapes({1, 2, 3, 4}, {1, 2, 5, 4}, {1, 2, 4, 6})) ==
          "K has shape [1, 2, 5, 4], V has shape [1, 2, 4, 6]: their tokens differ");
    CHECK(refusal(shapes({1, 3, 3, 4}, {1, 2, 5, 4}, {1, 2, 5, 6})) ==
          "Q has shape [1, 3, 3, 4], K has shape [1, 2, 5, 4]: 3 query heads do not share 2 key "
          "heads evenly");
    CHECK(refusal(shapes({1, 3, 8}, {1, 2, 5, 4}, {1, 2, 5, 6})) ==
          "Q has shape [1, 3, 8]: for 3 dimensions the number of heads must be given");
    CHECK(refusal(shapes({1, 3, 8}, {1, 2, 5, 4}, {1, 2, 5, 6}), {.heads = 3}) ==
          "Q has shape [1, 3, 8]: its last dimension is not shared by 3 heads");
    CHECK(refusal(shapes({1, 2, 3, 4}, {1, 2, 5, 4}, {1, 2, 5, 6}), {.heads = 3}) ==
          "Q has shape [1, 2, 3, 4]: its second dimension is not the number of heads, 3");
    CHECK(refusal(shapes({3, 4}, {1, 2, 5, 4}, {1, 2, 5, 6})).starts_with("Q has shape [3, 4]; "));
    CHECK(refusal(shapes({1 << 30, 2, 0, 1}, {1, 2, 5, 4}, {1, 2, 5, 6})) ==
          "Q has shape [1073741824, 2, 0, 1]: batch * heads must be below 2^31");
    CHECK(refusal(shapes({1, 2, 3, 0}, {1, 2, 5, 0}, {1, 2, 5, 6})) ==
          "Q has shape [1, 2, 3, 0]: heads and width must not be 0");
}

TEST_CASE("attend: pasts, masks and lengths that do not fit are named") {
    Random random(1);
    const auto base = [] { return shapes({1, 2, 3, 4}, {1, 2, 5, 4}, {1, 2, 5, 6}); };
    OnnxInputs in = base();
    in.past_key = random_array(random, "PK", {1, 2, 7, 4});
    CHECK(refusal(std::move(in)) == "PK: past keys and past values are needed together");
    in = base();
    in.past_key = random_array(random, "PK", {1, 2, 7, 4});
    in.past_value = random_array(random, "PV", {1, 2, 8, 6});
    CHECK(refusal(std::move(in)) ==
          "PK has shape [1, 2, 7, 4], PV has shape [1, 2, 8, 6]: their tokens differ");
    in = base();
    in.past_key = random_array(random, "PK", {1, 2, 7, 3});
    in.past_value = random_array(random, "PV", {1, 2, 7, 6});
    CHECK(refusal(std::move(in)) ==
          "PK has shape [1, 2, 7, 3]; K continues it with [1, 2, 5, 4] "
          "(batch, heads, tokens, width)");
    in = base();
    in.past_key = random_array(random, "PK", {2, 7, 8});
    in.past_value = random_array(random, "PV", {2, 7, 12});
    CHECK(refusal(std::move(in)) ==
          "PK has shape [2, 7, 8]; it must be [batch, heads, tokens, width]");
    for (const Dims& dims :
         {Dims{6}, Dims{2, 5}, Dims{3, 3, 5}, Dims{2, 1, 3, 5}, Dims{}, Dims{1, 1, 1, 3, 5}}) {
        in = base();
        in.mask = random_mask(random, dims, true);
        CHECK(refusal(std::move(in)) == "M has shape " + shape_text(dims) +
                                            ", which does not broadcast to [1, 2, 3, 5] "
                                            "(batch, heads, queries, keys)");
    }
    in = base();
    in.valid_keys = LengthArray{"L", {1}, {6}};
    CHECK(refusal(std::move(in)) == "L: a length of 6 where there are 5 keys");
    in = base();
    in.valid_keys = LengthArray{"L", {2}, {1, 1}};
    CHECK(refusal(std::move(in)) == "L has shape [2]; it must be [1], a length for each batch");
}

TEST_CASE("attend: the position of the first query") {
    Random random(1);
    OnnxInputs in = shapes({2, 2, 3, 4}, {2, 2, 5, 4}, {2, 2, 5, 6});
    CHECK(OnnxAttend(std::move(in), {}).problem().how.first_position == 0);
    in = shapes({2, 2, 3, 4}, {2, 2, 5, 4}, {2, 2, 5, 6});
    in.past_key = random_array(random, "PK", {2, 2, 7, 4});
    in.past_value = random_array(random, "PV", {2, 2, 7, 6});
    CHECK(OnnxAttend(std::move(in), {}).problem().how.first_position == 7);

    const auto with_lengths = [](std::optional<std::int64_t> offset) {
        OnnxInputs lengths = shapes({2, 2, 3, 4}, {2, 2, 5, 4}, {2, 2, 5, 6});
        lengths.valid_keys = LengthArray{"L", {2}, {1, 5}};
        return OnnxAttend(std::move(lengths), {.causal_offset = offset});
    };
    const OnnxAttend lengths = with_lengths({});
    const auto& positions = lengths.problem().how.first_positions;
    CHECK(std::vector<std::int64_t>(positions.begin(), positions.end()) ==
          std::vector<std::int64_t>{-2, 2});
    const OnnxAttend given = with_lengths(4);
    CHECK(given.problem().how.first_position == 4);
    CHECK(given.problem().how.first_positions.empty());
    CHECK(given.problem().how.valid_keys.size() == 2);
}

TEST_CASE("attend: a scale of 0 keeps a NaN of the queries") {
    OnnxInputs in = shapes({1, 1, 2, 4}, {1, 1, 3, 4}, {1, 1, 3, 4});
    in.query.values[5] = std::numeric_limits<float>::quiet_NaN();
    OnnxAttributes attributes;
    attributes.scale = 0.0f;
    OnnxAttend attend(std::move(in), attributes);
    const auto& query = attend.problem().query.data;
    CHECK(query[0] == 0);
    CHECK(std::isnan(query[5]));
}
