// Whether a mask can be what its user meant.
#include <doctest.h>

#include "tools/mask_check.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tools/mask_memory.hpp"
#include "tools/user_error.hpp"

using headroom::Attention;
using headroom::Index;
using namespace headroom::tools;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

// Batches, heads, queries and keys.
struct Sizes {
    Index batches = 1, heads = 2, queries = 4, keys = 4;
};

// The marks '#' (seen) and '.' (hidden) of a mask, row by row, as booleans or as 0 and -inf.
MaskArray mask_of(const std::string& marks, const Dims& dims, bool bools) {
    MaskArray mask{"m.npy", dims, {}};
    if (bools) {
        BoolArray values{std::make_unique<bool[]>(marks.size()), marks.size()};
        for (std::size_t i = 0; i < marks.size(); ++i) values.data[i] = marks[i] == '#';
        mask.values = std::move(values);
    } else {
        std::vector<float> values;
        values.reserve(marks.size());
        for (const char mark : marks) values.push_back(mark == '#' ? 0.0f : -infinity);
        mask.values = std::move(values);
    }
    return mask;
}

MaskArray numbers_of(const std::vector<float>& values) {
    return {"m.npy", {static_cast<Index>(values.size())}, values};
}

// Everything that is said of it, each line with its kind; an error alone.
std::string said(MaskArray array, const Attention& how, const MaskUse& use = {"m.npy"},
                 const Sizes& sizes = {}) {
    const MaskMemory mask(std::move(array), sizes.batches, sizes.heads, sizes.queries, sizes.keys);
    AttendProblem problem;
    problem.query.batches = problem.key.batches = sizes.batches;
    problem.query.heads = sizes.heads;
    problem.query.tokens = sizes.queries;
    problem.key.tokens = sizes.keys;
    problem.how = how;
    mask.bind(problem);
    try {
        std::string text;
        const Remarks remarks = check_mask(problem, use);
        for (const std::string& line : remarks.warnings) text += "warning: " + line + "\n";
        for (const std::string& line : remarks.notes) text += "note: " + line + "\n";
        return text;
    } catch (const UserError& error) {
        return std::string("error: ") + error.what();
    }
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

const std::string causal_mask = "#...##..###.####";
const std::string inverted = ".###..##...#....";
const std::string all_hidden = "m.npy: hides every key of every query";

}  // namespace

TEST_CASE("mask check: an inverted mask is refused with whatever hides the rest") {
    Attention causal, right, both;
    causal.causal = true;
    right.window_right = 0;
    both.window_left = 1;
    both.causal = true;
    both.sink_tokens = 1;
    for (const bool bools : {true, false}) {
        for (const Attention& how : {causal, right, both}) {
            CHECK(contains(said(mask_of(inverted, {4, 4}, bools), how), "error: " + all_hidden));
            CHECK(contains(said(mask_of(inverted, {1, 1, 4, 4}, bools), how), all_hidden));
            CHECK(contains(said(mask_of(inverted + inverted, {2, 4, 4}, bools), how), all_hidden));
            CHECK(said(mask_of(inverted + causal_mask, {2, 4, 4}, bools), how) != "");
            CHECK(said(mask_of(causal_mask, {4, 4}, bools), how) == "");
        }
        CHECK(said(mask_of(inverted, {4, 4}, bools), causal,
                   {.name = "m.npy", .may_hide_all = true}) == "");
        CHECK(contains(said(mask_of("....", {4}, bools), {}), all_hidden));
    }
    CHECK(contains(said(mask_of(inverted, {4, 4}, true), causal),
                   "nn.MultiheadAttention's masks are the inv"));
    CHECK(contains(said(mask_of(inverted, {4, 4}, false), causal), "of numbers -inf hides a key"));
}

TEST_CASE("mask check: what a query sees in spite of a window is not overlooked") {
    Attention how;
    how.causal = true;
    how.window_left = 0;
    const std::string first_key = "#...#...#...#...";
    CHECK(contains(said(mask_of(first_key, {4, 4}, true), how), "3 of 4 queries see no key"));
    how.sink_tokens = 1;
    CHECK(said(mask_of(first_key, {4, 4}, true), how) == "");
    how = {};
    how.window_left = 0;  // without a bound to the right
    CHECK(said(mask_of("...#", {4}, true), how) == "");
    how.window_left = std::numeric_limits<std::int64_t>::max();
    how.window_right = std::numeric_limits<std::int64_t>::max();
    CHECK(said(mask_of("...#", {4}, true), how) == "");
}

TEST_CASE("mask check: positions and valid keys") {
    Attention how;
    how.causal = true;
    how.first_position = -2;  // queries 0 and 1 see nothing anyway
    CHECK(said(mask_of("#...", {4}, true), how) == "");
    CHECK(contains(said(mask_of(".###", {4}, true), how), "1 of 4 queries sees no key, so its"));
    how.first_position = -4;
    CHECK(said(mask_of("....", {4}, true), how) == "");

    const std::vector<std::int64_t> valid = {2, 4}, firsts = {-2, 0};
    const Sizes two{.batches = 2};
    how = {};
    how.valid_keys = valid;
    CHECK(contains(said(mask_of("..##", {4}, true), how, {"m.npy"}, two), "4 of 8 queries see no"));
    CHECK(said(mask_of(".#..", {4}, true), how, {"m.npy"}, two) == "");
    how.causal = true;
    how.first_positions = firsts;
    CHECK(contains(said(mask_of(".###", {4}, true), how, {"m.npy"}, two), "2 of 8 queries"));
}

TEST_CASE("mask check: some queries see nothing") {
    const std::string one_row = "####....####....";
    CHECK(said(mask_of(one_row, {4, 4}, true), {}) ==
          "warning: m.npy: 2 of 4 queries see no key, so their attention is 0; in a bool --mask "
          "true lets a key be seen (--mask-may-hide-all accepts it)\n");
    CHECK(contains(said(mask_of(one_row + "################", {2, 4, 4}, false), {}),
                   "2 of 8 queries (counted in each of 2 heads) see no key"));
    CHECK(!contains(said(mask_of(one_row, {4, 4}, true), {}, {.name = "m.npy", .other_keys = true}),
                    "is 0"));
    CHECK(said(mask_of(one_row, {4, 4}, true), {}, {.name = "m.npy", .may_hide_all = true}) == "");
}

TEST_CASE("mask check: no token sees itself") {
    const MaskUse self{.name = "m.npy", .self = true};
    const std::string off_diagonal = ".####.####.####.";
    CHECK(contains(said(mask_of(off_diagonal, {4, 4}, true), {}, self), "false on its whole diag"));
    CHECK(contains(said(mask_of(off_diagonal, {4, 4}, false), {}, self), "-inf on its whole diag"));
    CHECK(said(mask_of(off_diagonal, {4, 4}, true), {}) == "");
    CHECK(said(mask_of(".####.####.#####", {4, 4}, true), {}, self) == "");
    Attention later;
    later.first_position = 1;
    CHECK(said(mask_of("#.##.###", {2, 4}, true), later, self, {.queries = 2}) == "");
    CHECK(contains(said(mask_of("#.####.#", {2, 4}, true), later, self, {.queries = 2}), "itself"));
}

TEST_CASE("mask check: numbers that are probably booleans, and masks that end early") {
    CHECK(said(numbers_of({0, 1, 1, 0}), {}) ==
          "warning: m.npy: holds only 0 and 1, which are added to the scores; to hide keys store "
          "it as bool\n");
    CHECK(said(numbers_of({0, 0, 0, 0}), {}) == "");
    CHECK(said(numbers_of({0, 1, 0.5f, 0}), {}) == "");
    CHECK(said(mask_of("###", {3}, true), {}) ==
          "note: m.npy has 3 keys, the other one is hidden\n");
    CHECK(said(mask_of("#", {1}, false), {}) == "note: m.npy has 1 key, the other 3 are hidden\n");
    Attention own;
    own.window_left = own.window_right = 0;
    CHECK(contains(said(mask_of("###", {3}, true), own), "1 of 4 queries sees no key"));
}
