// The file of `headroom bench`: its schema, and what is refused.
#include <doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench_file.hpp"
#include "tools/bench/page.hpp"
#include "tools/bench/table.hpp"

namespace headroom::tools {
namespace {

using Json = nlohmann::ordered_json;

BenchReport example() {
    BenchReport report;
    report.machine = {{"cpu", "A <processor> & \"more\""}, {"compiler", "GCC 12"}};
    report.peers["x86_avx2"] = {{"openblas", "OpenBLAS 0.3, core Haswell"},
                                {"onednn", "skipped: not here"}};
    report.peak["x86_avx2"] = 100.0;
    report.bandwidth["x86_avx2"] = {{"L1", 400.0}, {"L2", 200.0}, {"memory", 10.0}};
    BenchResult fast;
    fast.shape = "attend_98";
    fast.port = "x86_avx2";
    fast.median_us = 80.0;
    fast.gflops = 90.0;
    fast.peak_share = 0.9;
    fast.bandwidth_share = 0.02;
    fast.arena_bytes = 34944;
    fast.peers = {{"openblas", 120.0}, {"libxsmm", 100.0}};
    fast.spread = 0.01;
    fast.level = "L2";
    fast.intensity = 24.5;
    BenchResult slow = fast;
    slow.shape = "decode_512";
    slow.gflops = 40.0;
    slow.peak_share = 0.4;
    slow.bandwidth_share = 0.75;
    slow.peers = {{"openblas", 60.0}};
    slow.intensity = 2.0;
    report.results = {fast, slow};
    return report;
}

std::vector<std::string> keys_of(const Json& object) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : object.items()) keys.push_back(key);
    return keys;
}

}  // namespace

TEST_CASE("bench report: the JSON has the members that bench/README.md lists") {
    const Json json = Json::parse(to_json(example()));
    CHECK(keys_of(json) == std::vector<std::string>{"machine", "peak", "bandwidth", "results"});
    const Json& result = json["results"][0];
    CHECK(keys_of(result) == std::vector<std::string>{"shape", "port", "median_us", "gflops",
                                                      "peak_share", "bandwidth_share",
                                                      "arena_bytes", "peers", "fastest_peer",
                                                      "ratio_to_fastest_peer", "spread", "level",
                                                      "intensity", "energy_uj"});
    CHECK(result["shape"] == "attend_98");
    CHECK(result["arena_bytes"].is_number_integer());
    CHECK(result["peers"]["openblas"] == 120.0);
    CHECK(result["fastest_peer"] == "libxsmm");
    CHECK(result["ratio_to_fastest_peer"] == 1.25);  // above 1 we are faster
    CHECK(json["results"][1]["ratio_to_fastest_peer"] == 0.75);
    CHECK(result["energy_uj"].is_null());
    CHECK(json["peak"]["x86_avx2"] == 100.0);
    CHECK(keys_of(json["bandwidth"]["x86_avx2"]) == std::vector<std::string>{"L1", "L2", "memory"});
    CHECK(json["machine"]["peers"]["x86_avx2"]["onednn"] == "skipped: not here");
}

TEST_CASE("bench report: without peers and limits there is null, not 0") {
    BenchReport report = example();
    BenchResult& r = report.results[0];
    r.peers.clear();
    r.peak_share.reset();
    r.bandwidth_share.reset();
    const Json json = Json::parse(to_json(report));
    for (const char* name :
         {"fastest_peer", "ratio_to_fastest_peer", "peak_share", "bandwidth_share"})
        CHECK_MESSAGE(json["results"][0][name].is_null(), name);
    CHECK(json["results"][0]["peers"].empty());
}

TEST_CASE("bench report: what is read makes the same JSON again") {
    const std::string text = to_json(example());
    CHECK(to_json(written_and_read(text)) == text);
}

TEST_CASE("bench report: a wrong file is refused with the place that is wrong") {
    const auto changed = [](const char* pointer, const Json& value) {
        return refusal(Json::parse(to_json(example())), pointer, value);
    };
    const auto says = [](const std::string& what, const std::string& text) {
        CHECK_MESSAGE(what.find(text) != std::string::npos, what);
    };
    says(refusal("{"), "bench.json: is no JSON");
    says(refusal("[]"), "is no object");
    says(refusal("{\"machine\": {}}"), "has no \"peak\"");
    says(changed("/results", Json::array()), "results: is empty");
    says(changed("/results", "none"), "results: is no list");
    says(changed("/results/1/median_us", 0), "results[1].median_us: is 0");
    says(changed("/results/1/median_us", "fast"), "results[1].median_us: is no number");
    says(changed("/results/0/gflops", -1), "results[0].gflops: is negative or too large");
    says(changed("/results/0/shape", 7), "results[0].shape: is no text");
    says(changed("/results/0/peers", Json::array()), "results[0].peers: is no object");
    says(changed("/results/0/peers/openblas", nullptr), "peers.openblas: is no number");
    says(changed("/peak/x86_avx2", "much"), "peak.x86_avx2: is no number");
    says(changed("/bandwidth/x86_avx2", 1), "bandwidth.x86_avx2: is no object");
    Json json = Json::parse(to_json(example()));
    json["results"][0].erase("port");
    says(refusal(json.dump()), "results[0]: has no \"port\"");
}

TEST_CASE("bench report: the roof is the nearer of two") {
    const BenchReport report = example();
    CHECK_FALSE(report.results[0].bound_by_bandwidth());
    CHECK(report.results[0].roof_share() == 0.9);
    CHECK(report.results[1].bound_by_bandwidth());
    CHECK(report.results[1].roof_share() == 0.75);
}

TEST_CASE("bench page: stands alone, says what matters first, escapes what it is given") {
    const std::string page = bench_page(example());
    const auto has = [&](const std::string& text) {
        CHECK_MESSAGE(page.find(text) != std::string::npos, text);
    };
    has("x86_avx2: 1 of 2 shapes within 20 % of what the core can do. Faster than every other "
        "library on 1 of 2; furthest ahead of us is openblas on decode_512, which takes 0.75x our "
        "time.");
    has("Attention on A &lt;processor&gt; &amp; &quot;more&quot;");
    has("onednn: skipped: not here");
    has("FMA peak 100 GFLOP/s");
    for (const char* wrong : {"<script", "http:", "https:", "src=", "href=", "url(", "@import"})
        CHECK_MESSAGE(page.find(wrong) == std::string::npos, wrong);
}

TEST_CASE("bench page: a report without limits and peers is no reason for an empty page") {
    BenchReport report = example();
    report.peak.clear();
    report.bandwidth.clear();
    for (BenchResult& r : report.results) {
        r.peers.clear();
        r.peak_share.reset();
        r.bandwidth_share.reset();
    }
    const std::string page = bench_page(report);
    CHECK(page.find("<svg") == std::string::npos);
    CHECK(page.find("nan") == std::string::npos);
    CHECK(page.find("No other library was measured") != std::string::npos);
}

TEST_CASE("bench table: numbers as people read them") {
    CHECK(time_text(0.4871) == "0.49 us");
    CHECK(time_text(69.84) == "69.8 us");
    CHECK(time_text(9.996) == "10.0 us");
    CHECK(time_text(999.6) == "1.00 ms");
    CHECK(time_text(2.5e6) == "2.50 s");
    CHECK(bytes_text(900) == "900 B");
    CHECK(bytes_text(34944) == "34.1 KB");
    CHECK(bytes_text(3.0 * 1024 * 1024) == "3.00 MB");
    CHECK(share_text(0.876) == "88 %");
    CHECK(share_text({}) == "-");
    const BenchReport report = example();
    CHECK(table_line(report.results[0], 18, false).find("libxsmm         100 us  1.25x") !=
          std::string::npos);
    const std::string peers = peers_table(report.results);
    CHECK(peers.find("1.50x       1.25x\n") != std::string::npos);
    CHECK(peers.find("0.75x           -\n") != std::string::npos);
}

}  // namespace headroom::tools
