// The pages of `headroom bench`: what they say of a report, and that they say nothing else.
#include <doctest.h>

#include <cmath>
#include <regex>
#include <string>
#include <vector>

#include "tools/bench/page.hpp"
#include "tools/bench/page_parts.hpp"

namespace headroom::tools {
namespace {

BenchResult result(const std::string& shape, const std::string& port, double us) {
    BenchResult r;
    r.shape = shape;
    r.port = port;
    r.median_us = us;
    r.gflops = 40.0;
    r.peak_share = 0.4;
    r.bandwidth_share = 0.8;
    r.spread = 0.01;
    r.level = "L2";
    r.intensity = 2.0;
    return r;
}

BenchReport report(const std::string& file, const std::vector<BenchResult>& results) {
    BenchReport made;
    made.file = file;
    made.results = results;
    for (const BenchResult& r : results) {
        made.peak[r.port] = 100.0;
        made.bandwidth[r.port] = {{"L1", 400.0}, {"L2", 20.0}};
    }
    return made;
}

// Whether the page holds a text, and that it stands alone.
class Page {
public:
    explicit Page(const std::string& page) : page_(page) {
        for (const char* wrong : {"<script", "http:", "https:", "src=", "href=", "url(", "nan"})
            lacks(wrong);
    }
    void has(const std::string& text) const {
        CHECK_MESSAGE(page_.find(text) != std::string::npos, text);
    }
    void lacks(const std::string& text) const {
        CHECK_MESSAGE(page_.find(text) == std::string::npos, text);
    }
    std::size_t place(const std::string& text) const {
        has(text);
        return page_.find(text);
    }

private:
    std::string page_;
};

}  // namespace

TEST_CASE("bench comparison: each port is held against the same port") {
    const auto run = [](const std::string& file, double times) {
        return report(file, {result("attend_98", "wide", 50.0 * times),
                             result("attend_98", "narrow", 100.0 * times)});
    };
    const Page page(comparison_page({run("old/bench.json", 1.0), run("bench.json", 0.5)}));
    page.has("wide: B takes 0.50x the time of A over 1 shape. Faster on 1.");
    page.has("narrow: B takes 0.50x the time of A over 1 shape. Faster on 1.");
    page.lacks("2.00x");  // narrow over wide
    page.lacks("A on");
    page.has("A: old/bench.json");  // two files of one name
    page.has("B · bench");
    CHECK(page.place("<h2 class=\"port\">wide") < page.place("<h2 class=\"port\">narrow"));
}

TEST_CASE("bench comparison: a port that no earlier run has is held against the first's first") {
    const BenchReport laptop = report("laptop.json", {result("attend_98", "wide", 80.0),
                                                      result("decode_512", "wide", 80.0),
                                                      result("attend_98", "scalar", 640.0)}),
                      board = report("board.json", {result("attend_98", "wide", 320.0),
                                                    result("decode_512", "neon", 160.0)}),
                      later = report("later.json", {result("decode_512", "neon", 80.0),
                                                    result("attend_16", "wide", 1.0)});
    const Page page(comparison_page({laptop, board, later}));
    page.has("wide: B takes 4.00x the time of A over 1 shape. Slower on 1.");
    page.has(
        "neon, which A does not have: B takes 2.00x the time of A on wide over 1 shape. Slower on "
        "1.");
    page.has("neon: C takes 0.50x the time of B over 1 shape. Faster on 1.");
    page.has("C has no shape in common with A.");
    page.has("scalar: only A has it.");
    page.has("<small>neon</small>");
    page.has("Attention, 3 runs side by side");
}

TEST_CASE("bench comparison: what both spreads may hide is neither faster nor slower") {
    BenchResult calm = result("attend_98", "wide", 100.0), restless = calm;
    const auto page_of = [&](double us, double spread) {
        restless.median_us = us;
        restless.spread = spread;
        return Page(comparison_page({report("a.json", {calm}), report("b.json", {restless})}));
    };
    page_of(104.0, 0.0).has("over 1 shape. Within the noise on 1.");
    page_of(106.0, 0.0).has("over 1 shape. Slower on 1.");
    page_of(94.0, 0.0).has("run1 faster");
    const Page noisy = page_of(115.0, 0.15);  // and 1 % of the other's
    noisy.has("over 1 shape. Within the noise on 1.");
    noisy.lacks("run1 slower");
    page_of(117.0, 0.15).has("run1 slower");
}

TEST_CASE("bench comparison: the mean of the ratios is geometric") {
    const BenchReport a = report("a.json", {result("attend_98", "wide", 1.0),
                                            result("decode_512", "wide", 1.0)}),
                      b = report("b.json", {result("attend_98", "wide", 8.0),
                                            result("decode_512", "wide", 0.5)});
    Page(comparison_page({a, b}))
        .has("B takes 2.00x the time of A over 2 shapes. Faster on 1, slower on 1.");
}

TEST_CASE("bench roofline: a dot is as far below its own limit as its bar says, above any line") {
    BenchReport run =
        report("a.json", {result("attend_98", "wide", 80.0), result("decode_512", "wide", 80.0)});
    BenchResult &slow = run.results[0], &fast = run.results[1];
    slow.gflops = 10.0;
    slow.peak_share = 0.1;
    slow.bandwidth_share = 0.02;
    fast.gflops = 60.0;  // of the 40 that 20 GB/s would allow
    fast.bandwidth_share = 0.75;
    const std::string figure = roofline(run, "wide");
    const auto heights = [&](const std::string& kind, const std::string& name) {
        const std::regex form("class=\"" + kind + " [a-z]+\"[^>]* " + name + "=\"([0-9.]+)\"");
        std::vector<double> all;
        for (std::sregex_iterator at(figure.begin(), figure.end(), form), end; at != end; ++at)
            all.push_back(std::stod((*at)[1]));
        return all;
    };
    const std::vector<double> marks = heights("limit mark", "y1"), dots = heights("point", "cy");
    REQUIRE(marks.size() == 4);  // wide and narrow; dots in the order of their height
    REQUIRE(dots.size() == 4);
    const double scale = (dots[1] - dots[0]) / std::log(60.0 / 10.0);
    CHECK(dots[1] - marks[0] == doctest::Approx(scale * std::log(1.0 / 0.1)).epsilon(0.01));
    CHECK(dots[0] - marks[1] == doctest::Approx(scale * std::log(1.0 / 0.75)).epsilon(0.02));
    for (const double mark : marks) CHECK(mark > 20.0);  // within the frame
    const Page page(bench_page(run));
    page.has("75 % of L2 read");
    page.has("a dot may lie above them");
    page.lacks("below the processor");
}

TEST_CASE("bench pages: nothing is said of limits that were not measured") {
    BenchReport run = report("a.json", {result("attend_98", "scalar", 80.0)});
    run.peak.clear();
    run.bandwidth.clear();
    run.results[0].peak_share.reset();
    run.results[0].bandwidth_share.reset();
    const Page page(bench_page(run)), both(comparison_page({run, run}));
    page.has("scalar: No other library was measured beside it.");
    page.has("3 heads of 64, 98 tokens");
    page.lacks("read loop");
    page.lacks("in turn");
    for (const Page& one : {page, both}) {
        for (const char* wrong : {"within 20 %", "roof not measured", "near the roof", "<svg"})
            one.lacks(wrong);
    }
    // Those that were measured count alone.
    run.results.push_back(result("decode_512", "scalar", 80.0));
    const Page mixed(bench_page(run));
    mixed.has("scalar: 1 of 1 shape with a measured limit within 20 % of what the core can do.");
    mixed.has("roof not measured");
}

TEST_CASE("bench pages: only what applies is said of how it was measured") {
    BenchReport run = report("a.json", {result("attend_98", "wide", 80.0)});
    Page(bench_page(run)).lacks("libraries");
    Page(bench_page(run)).has("read loop");
    run.results[0].peers = {{"openblas", 100.0}};
    Page(bench_page(run)).has("slices of all libraries");
    Page(bench_page(run)).has("The arena is");

    BenchReport grown;
    grown.growth["wide"] = {{{"tokens", {{64, 1.0}, {128, 4.0}, {256, 16.0}}}}, {}};
    const Page growth(bench_page(grown));
    growth.has("wide: The time grows as size^2.00 over tokens that see all.");
    for (const char* wrong : {"libraries", "spread", "arena", "read loop", "near the roof"})
        growth.lacks(wrong);

    BenchReport featured;
    featured.features["wide"] = {
        {"decode_512", {{"plain", "no feature", 10.0, 0.5}, {"statistics", "more", 140.0, 0.5}}}};
    const Page features(bench_page(featured));
    features.has("wide: Of 1 feature, statistics costs most: 14");
    features.has("32 heads of 64 on 8 key heads");
    features.has("<li class=\" cut\">");  // at four times the plain call
    features.has("width:25.0%");
    for (const char* wrong : {"libraries", "arena", "read loop", "near the roof"})
        features.lacks(wrong);
}

TEST_CASE("bench pages: a shape is told in words, from its name or what its name says") {
    CHECK(shape_words("attend_98") == "3 heads of 64, 98 tokens");
    CHECK(shape_words("causal_512") == "8 heads of 128, 512 tokens, causal");
    CHECK(shape_words("decode_512") ==
          "32 heads of 64 on 8 key heads, 1 token, 512 keys in a cache");
    CHECK(shape_words("layer_98") == "layer of 192: 3 heads of 64, 98 tokens");
    CHECK(shape_words("attend_h4on2_t5_k9_w8_causal") ==
          "4 heads of 8 on 2 key heads, 5 tokens, 9 keys in a cache, causal");
    CHECK(shape_words("layer_m32_h2_t3_w16") == "layer of 32: 2 heads of 16, 3 tokens");
    for (const char* none : {"", "_", "attend", "attend_h4", "attend_h4_t64_w32_causal_", "mine"})
        CHECK_MESSAGE(shape_words(none).empty(), none);
    CHECK(name_markup("a_<b>") == "a_<wbr>&lt;b&gt;");
}

}  // namespace headroom::tools
