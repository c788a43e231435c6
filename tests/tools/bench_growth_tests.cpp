// What `headroom bench --growth` makes of curves, and how it keeps them.
#include <doctest.h>

#include <cmath>
#include <string>

#include <nlohmann/json.hpp>

#include "bench_file.hpp"
#include "tools/bench/growth.hpp"
#include "tools/bench/page.hpp"

namespace headroom::tools {
namespace {

// A call that costs `alone` beside what grows.
GrowthCurve curve(const std::string& name, double alone, double factor, double exponent) {
    GrowthCurve made{name, {}};
    for (double size = 16; size <= 8192; size *= 2)
        made.points.emplace_back(size, alone + factor * std::pow(size, exponent));
    return made;
}

BenchReport example() {
    BenchReport report;
    report.growth["x86_avx2"] = {{curve("tokens", 1.0, 0.001, 2.0), curve("heads", 0.0, 2.0, 1.0)},
                                 {{"causal", "a causal <call>", 0.53, 0.5}}};
    return report;
}

}  // namespace

TEST_CASE("bench growth: a power law is found, and what a call costs alone does not bend it") {
    const auto law = fitted(curve("tokens", 0.0, 0.25, 1.5));
    REQUIRE(law.has_value());
    CHECK(law->exponent == doctest::Approx(1.5));
    CHECK(law->factor == doctest::Approx(0.25));
    CHECK(law->from == 512.0);
    CHECK(law->worst < 1e-9);
    CHECK(law->at(100.0) == doctest::Approx(250.0));
    const auto bent = fitted(curve("tokens", 1.0, 0.001, 2.0));
    CHECK(bent->exponent == doctest::Approx(2.0).epsilon(1e-3));
}

TEST_CASE("bench growth: one point off is told, and two points are no curve") {
    GrowthCurve one = curve("keys", 0.0, 1.0, 1.0);
    one.points.back().second *= 1.5;
    CHECK(fitted(one)->worst > 0.1);
    CHECK(law_text(one).find("within 0 %") == std::string::npos);
    one.points.resize(2);
    CHECK_FALSE(fitted(one).has_value());
    CHECK(law_text(one) == "too few points");
    one.points.clear();
    CHECK(growth_text({{one}, {}}).empty());
    CHECK(growth_section({{one}, {}}).find("<svg") == std::string::npos);
}

TEST_CASE("bench growth: points of one size only are no curve, in whatever order others are") {
    const GrowthCurve same{"keys", {{64, 1.0}, {64, 1.5}, {64, 2.0}}};
    CHECK_FALSE(fitted(same).has_value());
    const GrowthCurve mixed{"keys", {{64, 1.0}, {128, 2.0}, {64, 1.0}}};
    REQUIRE(fitted(mixed).has_value());
    CHECK(fitted(mixed)->exponent == doctest::Approx(1.0));
}

TEST_CASE("bench growth: the text tells both ends, the power and what was wanted") {
    const std::string text = growth_text(example().growth["x86_avx2"]);
    CHECK(text.find("8192:  67.1 ms   size^2.00 from 512 on, within 0 %") != std::string::npos);
    CHECK(text.find("0.53x (0.50x at best)  a causal <call>") != std::string::npos);
}

TEST_CASE("bench growth: it is kept in the file and drawn on the page, with or without shapes") {
    const std::string json = to_json(example());
    const BenchReport read = written_and_read(json);
    CHECK(to_json(read) == json);
    const std::string page = bench_page(read);
    CHECK(page.find("How the cost grows") != std::string::npos);
    CHECK(page.find("a causal &lt;call&gt;") != std::string::npos);
    CHECK(page.find("How near the roof") == std::string::npos);
}

TEST_CASE("bench growth: a wrong file is refused with the place that is wrong") {
    const auto json = nlohmann::ordered_json::parse(to_json(example()));
    const std::string at = "growth.x86_avx2.";
    CHECK(refusal(json, "/growth/x86_avx2/curves/tokens/0/1", 0)
              .find(at + "curves.tokens[0][1]: is 0") != std::string::npos);
    CHECK(refusal(json, "/growth/x86_avx2/curves/tokens/0", {16.0})
              .find(at + "curves.tokens[0]: is no size and time") != std::string::npos);
    CHECK(refusal(json, "/growth/x86_avx2/checks/0/ratio", "half")
              .find(at + "checks[0].ratio: is no number") != std::string::npos);
    CHECK(refusal(json, "/growth", nlohmann::ordered_json::object()).find("results: is empty") !=
          std::string::npos);
}

}  // namespace headroom::tools
