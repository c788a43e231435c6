// The parts of `headroom attend`: pieces against the whole, and outputs that appear together or
// not at all. What it computes, the conformance cases show.
#include <doctest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "support/bits.hpp"
#include "support/folder.hpp"
#include "support/memory.hpp"
#include "support/ports.hpp"
#include "tools/attend_files.hpp"
#include "tools/attend_run.hpp"
#include "tools/npy_writer.hpp"
#include "tools/onnx_inputs.hpp"
#include "tools/user_error.hpp"

namespace {

namespace fs = std::filesystem;
using headroom::Index;
using headroom::Stage;
using headroom::test::difference;
using headroom::test::Folder;
using headroom::test::Random;
using headroom::test::random_array;
using headroom::test::random_mask;
using namespace headroom::tools;

// Two sequences, four heads on two, 100 queries on 150 keys; the mask ends before the keys.
OnnxInputs random_inputs(std::uint64_t seed, const Dims& mask_dims, bool bool_mask, bool lengths) {
    Random random(seed);
    OnnxInputs in{.query = random_array(random, "Q", {2, 4, 100, 16}),
                  .key = random_array(random, "K", {2, 150, 2 * 16}),
                  .value = random_array(random, "V", {2, 2, 150, 8}),
                  .mask = random_mask(random, mask_dims, bool_mask)};
    if (lengths) in.valid_keys = LengthArray{"L", {2}, {150, 97}};
    return in;
}

struct Solved {
    std::vector<float> out, weights;
};

Solved solve_in_pieces(const headroom::Port& port, const OnnxAttend& attend, Index at_once,
                       Stage stage) {
    const AttendProblem& problem = attend.problem();
    const Index heads = problem.query.heads, queries = problem.query.tokens,
                keys = problem.key.tokens;
    Solved solved;
    solved.weights.assign(static_cast<std::size_t>(problem.query.batches * heads * queries * keys),
                          7.0f);
    const WeightsRequest request{
        stage, [&](Index batch, Index first, const WeightsCollector& weights) {
            const Index count = weights.dims()[2] * keys;
            for (Index h = 0; h < heads; ++h)
                std::copy_n(
                    weights.values().begin() + h * count, count,
                    solved.weights.begin() + ((batch * heads + h) * queries + first) * keys);
        }};
    Progress progress("test", 1);
    attend_in_pieces(port, problem, at_once, request, progress, InterruptWatch());
    solved.out = attend.out().values;
    return solved;
}

std::string contents(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::ptrdiff_t files_in(const fs::path& folder) {
    return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

}  // namespace

TEST_CASE("attend: pieces of any size have the bits of the whole, weights included") {
    const headroom::Port& port = *headroom::test::runnable_ports().front();
    std::uint64_t seed = 0;
    for (const Dims& mask : {Dims{2, 4, 100, 140}, Dims{4, 100, 150}, Dims{1, 140}})
        for (const bool bool_mask : {false, true})
            for (const bool lengths : {false, true}) {
                OnnxAttributes attributes{.kv_heads = 2, .softcap = 5, .window_left = 60};
                attributes.causal = seed % 2 == 0;
                const auto stage = static_cast<Stage>(seed % 4);
                const OnnxAttend attend(random_inputs(++seed, mask, bool_mask, lengths),
                                        attributes);

                AttendProblem whole = attend.problem();
                WeightsCollector weights(2, 4, 100, 150);
                whole.weights = weights.callback(stage);
                const headroom::test::Arena scratch(scratch_bytes_of(whole));
                REQUIRE(solve(port, whole, scratch.span()).ok());
                const std::vector<float> out = attend.out().values;

                for (const Index at_once : {1, 7, 48, 99, 100}) {
                    INFO("seed " << seed << ", " << at_once << " at once");
                    const Solved pieces = solve_in_pieces(port, attend, at_once, stage);
                    CHECK(difference(out, pieces.out) == "");
                    CHECK(difference(weights.values(), pieces.weights) == "");
                }
            }
}

TEST_CASE("attend: a file of weights does not show the pieces it was written in") {
    const Folder folder;
    const headroom::Port& port = *headroom::test::runnable_ports().front();
    const OnnxAttend attend(random_inputs(99, {100, 150}, true, true), {.kv_heads = 2});
    const auto write = [&](Index at_once, const char* name, Dtype dtype) {
        const AttendPaths paths{.out = (folder.path() / "y").string(),
                                .weights = (folder.path() / name).string()};
        const NpyArray query{"q", dtype, {}, {}};
        AttendOutputs outputs(paths);
        Progress progress("test", 1);
        attend_in_pieces(port, attend.problem(), at_once,
                         {Stage::softmax, outputs.weights_writer(attend.problem(), query)},
                         progress, InterruptWatch());
        outputs.write_out(attend.out(), query);
        outputs.commit(port.name);
    };
    for (const Dtype dtype : {Dtype::float16, Dtype::float32, Dtype::float64}) {
        write(100, "whole", dtype);
        write(7, "pieces", dtype);
        CHECK(contents(folder.path() / "whole") == contents(folder.path() / "pieces"));
        CHECK(NpyFile(folder.path() / "whole").array().dtype == dtype);
        CHECK(NpyFile(folder.path() / "whole").array().dims == Dims{2, 4, 100, 150});
    }
}

TEST_CASE("attend: a piece is long enough for the library and short enough for memory") {
    const auto at_once = [](Index queries, Index heads, Index keys, bool weights) {
        AttendProblem problem;
        problem.query = {{}, 1, queries, heads, 64, 0, 0, 0};
        problem.key = problem.value = {{}, 1, keys, heads, 64, 0, 0, 0};
        return queries_at_once(problem, weights);
    };
    CHECK(at_once(0, 1, 0, true) == 1);
    CHECK(at_once(100, 4, 200, true) == 100);
    CHECK(at_once(1 << 20, 32, 1 << 20, false) == 48);
    CHECK(at_once(1 << 20, 32, 1 << 20, true) == 1);
    const Index some = at_once(1 << 20, 8, 4096, true);
    CHECK(some % 48 == 0);
    CHECK(some * 8 * 4096 <= 1 << 24);
}

namespace {

// A past, keys and queries on disk. No float is one of their numbers; heads in the last dimension
// have to move.
class Growing {
public:
    Growing() {
        write("pk", {1, 2, 1, 2}, {0.1, 0.2, 0.3, 0.4});
        write("pv", {1, 2, 1, 2}, {0.1, 0.2, 0.3, 0.4});
        write("k", {1, 1, 4}, {1.1, 1.2, 1.3, 1.4});
        write_npy(path("q"), {1, 2, 1, 2}, std::vector<float>{1, 2, 3, 4});
    }

    std::string path(const char* name) const { return (folder_.path() / name).string(); }
    std::ptrdiff_t files() const { return files_in(folder_.path()); }

    // A cache that grows in place, another that does not.
    AttendPaths paths() const {
        return {.query = path("q"),
                .key = path("k"),
                .value = path("k"),
                .past_key = path("pk"),
                .past_value = path("pv"),
                .out = path("y"),
                .present_key = path("pk"),
                .present_value = path("v")};
    }

private:
    void write(const char* name, const Dims& dims, const std::vector<double>& values) const {
        AtomicFile file(path(name));
        file.write(npy_header(Dtype::float64, dims));
        file.write(std::as_bytes(std::span(values)));
        file.finish();
        file.commit();
    }

    Folder folder_;
};

}  // namespace

TEST_CASE("attend: outputs that are not committed leave no trace") {
    const Growing files;
    AttendPaths paths = files.paths();
    paths.weights = files.path("w");
    const std::string before = contents(files.path("pk"));
    const AttendInputs inputs(paths);
    const OnnxAttend attend(inputs.read(), {.kv_heads = 2});
    {
        AttendOutputs lost(paths);
        lost.write_out(attend.out(), inputs.query());
        lost.weights_writer(attend.problem(), inputs.query());
        lost.write_present_key(inputs.past_key(), inputs.key(), attend.key());
        CHECK(files.files() == 4 + 4);
    }
    CHECK(files.files() == 4);
    CHECK(contents(files.path("pk")) == before);
}

TEST_CASE("attend: outputs appear together, and what is present is copied to the bit") {
    const Growing files;
    const AttendInputs inputs(files.paths());
    const OnnxAttend attend(inputs.read(), {.kv_heads = 2});
    AttendOutputs outputs(files.paths());
    outputs.write_out(attend.out(), inputs.query());
    outputs.write_present_key(inputs.past_key(), inputs.key(), attend.key());
    outputs.write_present_value(inputs.past_value(), inputs.value(), attend.value());
    outputs.commit("scalar");
    CHECK(NpyFile(files.path("pk")).array().doubles() ==
          std::vector<double>{0.1, 0.2, 1.1, 1.2, 0.3, 0.4, 1.3, 1.4});
    CHECK(NpyFile(files.path("pk")).array().dims == Dims{1, 2, 2, 2});
    CHECK(contents(files.path("v")) == contents(files.path("pk")));
    CHECK(NpyFile(files.path("y")).array().type_text() == "float32 [1, 2, 1, 2]");
    CHECK(files.files() == 4 + 2);
}

TEST_CASE("attend: an output that is an input or another output is refused") {
    const Growing files;
    const auto refused = [&](const AttendPaths& paths, const std::string& message) {
        CHECK_THROWS_WITH_AS(AttendOutputs{paths}, message.c_str(), UserError);
    };
    AttendPaths paths = files.paths();
    paths.out = files.path("q");
    refused(paths, paths.out + ": is the --q file, which --out would overwrite");
    paths.out = paths.weights = files.path("w");
    refused(paths, paths.out + ": is both --out and --weights-out");
    // Each cache may replace its own past, not the other's.
    paths = files.paths();
    paths.present_key = files.path("pv");
    refused(paths, paths.present_key + ": is the --past-value file, which --present-key would " +
                       "overwrite");
    CHECK(files.files() == 4);
}
