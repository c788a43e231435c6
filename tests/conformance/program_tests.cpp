// The conformance program itself: that it can fail, and that it says why.
#include <doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "conformance/comparison.hpp"
#include "conformance/runner.hpp"
#include "support/folder.hpp"
#include "support/ports.hpp"
#include "tools/npy_writer.hpp"

namespace {

namespace fs = std::filesystem;
using headroom::conformance::Dtype;
using headroom::conformance::IllConditioned;
using headroom::test::Folder;
using headroom::tools::write_npy;
using Json = nlohmann::json;

// Attention of one query to one key: the output is the value. `wanted` is what the case claims.
Json write_case(const fs::path& folder, const std::vector<float>& wanted) {
    fs::create_directories(folder);
    const std::vector<float> value = {3, -4};
    for (const char* name : {"Q.npy", "K.npy", "V.npy"}) {
        write_npy(folder / name, {1, 1, 1, 2}, value);
    }
    write_npy(folder / "Y.npy", {1, 1, 1, 2}, wanted);
    const auto tensor = [](const std::string& name) {
        return Json{
            {"name", name}, {"dtype", "float32"}, {"shape", {1, 1, 1, 2}}, {"file", name + ".npy"}};
    };
    Json json{{"op", "ai.onnx.Attention"}, {"tolerance", {{"atol", 1e-6}, {"rtol", 1e-6}}}};
    json["inputs"] = Json::array({tensor("Q"), tensor("K"), tensor("V")});
    json["outputs"] = Json::array({tensor("Y")});
    return json;
}

void write_json(const fs::path& folder, const Json& json) {
    std::ofstream(folder / "case.json") << json;
}

struct Run {
    headroom::conformance::Summary summary;
    std::string text;
};

Run run(const fs::path& folder, IllConditioned if_ill_conditioned = IllConditioned::tell,
        const fs::path& tool = {}) {
    std::ostringstream text;
    const std::vector<fs::path> folders = {folder};
    const auto summary = headroom::conformance::run_folders(
        folders, headroom::test::runnable_ports(), if_ill_conditioned, text, tool);
    return {summary, text.str()};
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("conformance program: a right answer passes, a wrong one fails and is shown") {
    const Folder folder;
    write_json(folder.path() / "right", write_case(folder.path() / "right", {3, -4}));
    write_json(folder.path() / "wrong", write_case(folder.path() / "wrong", {3, -4.5f}));
    write_json(folder.path() / "nan", write_case(folder.path() / "nan", {3, NAN}));
    const Run result = run(folder.path());
    INFO(result.text);
    CHECK(result.summary.passed == 1);
    CHECK(result.summary.failed == 2);
    CHECK(contains(result.text, "passed  right"));
    CHECK(contains(result.text, "FAILED  wrong"));
    CHECK(contains(result.text, "Y[0, 0, 0, 1] is -4, wanted -4.5; 1 of 2 elements differ"));
    CHECK(contains(result.text, "1 passed, 2 failed, 0 skipped\n"));
}

TEST_CASE("conformance program: what it does not know is skipped with a reason, or fails") {
    const Folder folder;
    Json json = write_case(folder.path() / "op", {3, -4});
    json["op"] = "ai.onnx.Relu";
    write_json(folder.path() / "op", json);

    json = write_case(folder.path() / "output", {3, -4});
    json["outputs"][0]["name"] = "Z";
    write_json(folder.path() / "output", json);

    json = write_case(folder.path() / "mode", {3, -4});
    json["attributes"] = {{"is_causal", "yes"}};
    write_json(folder.path() / "mode", json);

    const Run result = run(folder.path());
    INFO(result.text);
    CHECK(contains(result.text, "skipped op: operator ai.onnx.Relu"));
    CHECK(contains(result.text, ": output Z is not computed"));
    CHECK(contains(result.text, "attribute is_causal is not an integer"));
    CHECK(result.summary.skipped == 1);
    CHECK(result.summary.failed == 2);
}

TEST_CASE("conformance program: damaged folders fail and do not stop the others") {
    const Folder folder;
    write_json(folder.path() / "z_right", write_case(folder.path() / "z_right", {3, -4}));

    write_json(folder.path() / "cut", write_case(folder.path() / "cut", {3, -4}));
    fs::resize_file(folder.path() / "cut" / "V.npy",
                    fs::file_size(folder.path() / "cut" / "V.npy") - 1);

    Json json = write_case(folder.path() / "shape", {3, -4});
    json["inputs"][1]["shape"] = {1, 1, 2, 1};
    write_json(folder.path() / "shape", json);

    write_case(folder.path() / "json", {3, -4});
    std::ofstream(folder.path() / "json" / "case.json") << "{\"op\": ";

    json = write_case(folder.path() / "file", {3, -4});
    json["inputs"][0]["file"] = "missing.npy";
    write_json(folder.path() / "file", json);

    const Run result = run(folder.path());
    INFO(result.text);
    CHECK(contains(result.text, "cut/V.npy: has 7 bytes of data; float32 [1, 1, 1, 2] takes 8"));
    CHECK(contains(result.text, "FAILED  shape: K.npy: holds float32[1, 1, 1, 2], case.json says"));
    CHECK(contains(result.text, "FAILED  json: "));
    CHECK(contains(result.text, "file/missing.npy: does not exist"));
    CHECK(result.summary.failed == 4);
    CHECK(result.summary.passed == 1);
}

TEST_CASE("conformance program: a folder that is not there fails, an empty one has no case") {
    const Folder folder;
    CHECK(run(folder.path() / "nothing").summary.failed == 1);
    const Run empty = run(folder.path());
    CHECK(empty.text == "0 passed, 0 failed, 0 skipped\n");
}

TEST_CASE("conformance program: beyond the tolerance, but as near as float32 can tell") {
    const Folder folder;
    // One float above -4: the least that any error can be.
    Json json = write_case(folder.path() / "float", {3, std::nextafter(-4.0f, 0.0f)});
    json["tolerance"] = {{"atol", 0}, {"rtol", 1e-9}};
    write_json(folder.path() / "float", json);

    const Run told = run(folder.path());
    INFO(told.text);
    CHECK(told.summary.passed == 1);
    CHECK(contains(told.text, "Y is beyond the tolerance in 1 of 2 elements"));
    const Run strict = run(folder.path(), IllConditioned::fail);
    CHECK(strict.summary.failed == 1);
}

TEST_CASE("conformance program: a tool that fails, lies or writes nothing fails the case") {
    const Folder folder;
    write_json(folder.path() / "case", write_case(folder.path() / "case", {3, -4}));
    Json json = write_case(folder.path() / "other", {3, -4});
    json["op"] = "torch.nn.MultiheadAttention";
    write_json(folder.path() / "other", json);

    const Run fails = run(folder.path(), IllConditioned::tell, "false");
    INFO(fails.text);
    CHECK(contains(fails.text, "FAILED  case: port scalar: the tool fails"));
    CHECK(contains(fails.text, "skipped other: operator torch.nn.MultiheadAttention is not what"));
    CHECK(contains(fails.text, "0 passed, 1 failed, 1 skipped\n"));
    // The library is right here, and it is not the library that is asked.
    const fs::path wrong = folder.path() / "wrong.npy", tool = folder.path() / "tool";
    write_npy(wrong, {1, 1, 1, 2}, std::vector<float>{3, 4});
    std::ofstream(tool) << "#!/bin/sh\nwhile [ \"$1\" != --out ]; do shift; done\ncp '"
                        << wrong.string() << "' \"$2\"\n";
    fs::permissions(tool, fs::perms::owner_all);
    const Run lies = run(folder.path(), IllConditioned::tell, tool);
    INFO(lies.text);
    CHECK(contains(lies.text, "Y[0, 0, 0, 1] is 4, wanted -4; 1 of 2 elements differ"));
    CHECK(contains(lies.text, "0 passed, 1 failed, 1 skipped\n"));
    const Run idle = run(folder.path(), IllConditioned::tell, "true");
    INFO(idle.text);
    CHECK(contains(idle.text, "Y.npy: does not exist"));
    CHECK(contains(idle.text, "0 passed, 1 failed, 1 skipped\n"));
}

TEST_CASE("comparison: tolerance, infinities and NaN") {
    const auto ratio = [](float got, double want) {
        const headroom::conformance::Output output{"Y", {got}, {Dtype::float32, {1}, {want}}};
        return headroom::conformance::compare(output, {.absolute = 0.5, .relative = 0.25}).ratio;
    };
    CHECK(ratio(2, 2) == 0);
    CHECK(ratio(3, 2) == 1);
    CHECK(ratio(-INFINITY, -INFINITY) == 0);
    CHECK(ratio(-INFINITY, INFINITY) > 1);
    CHECK(ratio(-3.4e38f, -INFINITY) > 1);
    CHECK(ratio(NAN, NAN) == 0);
    CHECK(ratio(NAN, 0) > 1);
    CHECK(ratio(0, NAN) > 1);
}

TEST_CASE("conformance program: a list chooses the cases, and names one that is not there") {
    const Folder folder;
    for (const char* name : {"first", "second", "third"})
        write_json(folder.path() / name, write_case(folder.path() / name, {3, -4}));
    const fs::path list = folder.path() / "list.txt";
    std::ofstream(list) << "# a comment\nthird  # and another\n\nfirst\nmissing\n";
    std::ostringstream text;
    const std::vector<fs::path> folders = {folder.path()};
    const auto summary = headroom::conformance::run_folders(
        folders, headroom::test::runnable_ports(), IllConditioned::tell, text, {}, list);
    INFO(text.str());
    CHECK(summary.passed == 2);
    CHECK(summary.failed == 1);
    CHECK(contains(text.str(), "FAILED  missing: there is no case.json"));
    CHECK(!contains(text.str(), "second"));
}
