// What `headroom bench --features` makes of times, and how it keeps them.
#include <doctest.h>

#include <string>

#include <nlohmann/json.hpp>

#include "bench_file.hpp"
#include "tools/bench/features.hpp"
#include "tools/bench/page.hpp"

namespace headroom::tools {
namespace {

using Json = nlohmann::ordered_json;

BenchReport example() {
    const FeatureTimes plain{"attend_98",
                             {{"plain", "no feature", 80.0, 0.84},
                              {"alibi", "ALiBi <fused>", 84.0, 0.8},
                              {"causal", "causal", 48.0, 0.707},
                              {"cache", "in a cache", 79.0, 0.851},
                              {"append", "only appending", 2.8, std::nullopt}}};
    const FeatureTimes cached{"decode_512",
                              {{"plain", "no feature", 50.0, 0.5},
                               {"alibi", "ALiBi <fused>", 50.0, 0.5},
                               {"tensors", "in tensors", 90.0, 0.3},
                               {"append", "only appending", 1.0, std::nullopt}}};
    BenchReport report;
    report.features["x86_avx2"] = {plain, cached};
    return report;
}

std::size_t place(const std::string& text, const std::string& of) {
    const std::size_t found = text.find(of);
    INFO(of);
    CHECK(found != std::string::npos);
    return found;
}

}  // namespace

TEST_CASE("bench features: each is told beside the plain call of its shape") {
    const std::string text = features_text(example().features["x86_avx2"]);
    place(text, "  plain              80.0 us             84.0 %           no feature\n");
    place(text, "  alibi              84.0 us    1.05x    80.0 %    -4.0   ALiBi <fused>\n");
    place(text, "  causal             48.0 us    0.60x    70.7 %   -13.3   causal\n");
    place(text, "  cache              79.0 us    0.99x    85.1 %    +1.1   in a cache\n");
    place(text, "  append             2.80 us   0.035x         -       -   only appending\n");
    place(text, "  tensors            90.0 us    1.80x    30.0 %   -20.0   in tensors\n");
}

TEST_CASE("bench features: the JSON has the members that bench/README.md lists, and comes back") {
    const std::string text = to_json(example());
    const Json json = Json::parse(text);
    const Json& alibi = json["features"]["x86_avx2"][0]["calls"][1];
    CHECK(alibi["name"] == "alibi");
    CHECK(alibi["words"] == "ALiBi <fused>");
    CHECK(alibi["median_us"] == 84.0);
    CHECK(alibi["ratio"].get<double>() == doctest::Approx(1.05));
    CHECK(alibi["peak_share"] == 0.8);
    CHECK(alibi["points"].get<double>() == doctest::Approx(-4.0));
    CHECK(json["features"]["x86_avx2"][0]["calls"][4]["points"].is_null());
    CHECK(to_json(written_and_read(text)) == text);
}

TEST_CASE("bench features: the page has a chart of each shape and one table of all") {
    const std::string page = bench_page(example());
    place(page, "What features cost");
    CHECK(page.find("How near the roof") == std::string::npos);
    place(page, "<span class=\"value\">2.80 us</span><span class=\"remark\">0.035x</span>");
    place(page,
          "<td class=\"words\">ALiBi &lt;fused&gt;</td><td>80.0 % (-4.0)</td>"
          "<td>50.0 % (+0.0)</td>");
    place(page, "<td class=\"words\">in tensors</td><td>-</td><td>30.0 % (-20.0)</td>");
    // A row that only some shapes have follows the one that it follows there.
    const std::string rows[] = {"plain", "alibi", "tensors", "causal", "cache", "append"};
    std::size_t last = place(page, "<table class=\"features\">");
    for (const std::string& row : rows) {
        const std::size_t found = page.find("<th>" + row + "</th>", last);
        INFO(row);
        CHECK(found != std::string::npos);
        last = found;
    }
}

TEST_CASE("bench features: a processor without a measured peak has times only") {
    BenchReport report = example();
    for (FeatureTimes& shape : report.features["x86_avx2"])
        for (FeatureTime& call : shape.calls) call.peak_share.reset();
    place(features_text(report.features["x86_avx2"]),
          "  alibi              84.0 us    1.05x         -       -   ALiBi");
    place(bench_page(report), "ALiBi &lt;fused&gt;</td><td>-</td><td>-</td>");
}

TEST_CASE("bench features: a wrong file is refused with the place that is wrong") {
    const Json json = Json::parse(to_json(example()));
    const std::string at = "features.x86_avx2[0].calls";
    CHECK(refusal(json, "/features/x86_avx2/0/calls/1/median_us", 0)
              .find(at + "[1].median_us: is 0") != std::string::npos);
    CHECK(refusal(json, "/features/x86_avx2/0/calls", Json::array()).find(at + ": is empty") !=
          std::string::npos);
    CHECK(refusal(json, "/features/x86_avx2/0/calls/1/peak_share", "much")
              .find(at + "[1].peak_share: is no number") != std::string::npos);
    CHECK(refusal(json, "/features", Json::object()).find("results: is empty") !=
          std::string::npos);
}

}  // namespace headroom::tools
