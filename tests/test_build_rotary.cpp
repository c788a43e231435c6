// The rotary tables against cosine and sine in long double, the formulas written here once more.
#include <doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <headroom/rotary.hpp>

#include "support/bits.hpp"
#include "support/random.hpp"

namespace headroom::test {
namespace {

constexpr long double pi = 3.14159265358979323846264338327950288L;
constexpr std::int64_t last_position = (std::int64_t{1} << 31) - 1;

// YaRN's share of the unscaled frequency for pair i: 1 where it turns more than beta_fast times
// over the original length, 0 where less than beta_slow times, and a ramp over the whole dimensions
// in between.
long double yarn_share(const RotaryParameters& p, int i) {
    const auto dimension_of = [&](double turns) {
        return p.dim * std::log(static_cast<long double>(p.original_positions) / (turns * 2 * pi)) /
               (2 * std::log(static_cast<long double>(p.base)));
    };
    const long double low = std::max(std::floor(dimension_of(p.beta_fast)), 0.0L);
    const long double high =
        std::min(std::ceil(dimension_of(p.beta_slow)), static_cast<long double>(p.dim - 1));
    const long double width = low == high ? 0.001L : high - low;
    return 1 - std::clamp((i - low) / width, 0.0L, 1.0L);
}

// The angle of pair i at position 1.
long double frequency(const RotaryParameters& p, int i) {
    const long double factor = p.factor, exponent = -2.0L * i / p.dim;
    const long double plain = std::pow(static_cast<long double>(p.base), exponent);
    switch (p.scaling) {
        case RotaryScaling::none:
            return plain;
        case RotaryScaling::linear:
            return plain / factor;
        case RotaryScaling::ntk:
            return std::pow(p.base * std::pow(factor, p.dim / (p.dim - 2.0L)), exponent);
        case RotaryScaling::yarn:
            return plain * yarn_share(p, i) + plain / factor * (1 - yarn_share(p, i));
    }
    return 0;
}

long double amplitude(const RotaryParameters& p) {
    if (p.scaling != RotaryScaling::yarn) return 1;
    return p.attention_factor != 0 ? static_cast<long double>(p.attention_factor)
                                   : 0.1L * std::log(static_cast<long double>(p.factor)) + 1;
}

// What the declaration allows beside the error of the angle: 1 ulp or 1e-12.
long double rounding(long double x) {
    return std::max(1e-12L, x == 0 ? 0.0L : std::ldexp(1.0L, std::ilogb(x) - 23));
}

// How far a table is off, in the declared error, of which `angle_error` of the angle is a part.
long double worst_error(const RotaryParameters& p, std::int64_t first, std::span<const float> cos,
                        std::span<const float> sin, long double angle_error = 1e-14L) {
    long double worst = 0;
    const auto half = static_cast<std::size_t>(p.dim / 2);
    for (std::size_t e = 0; e < cos.size(); ++e) {
        const auto position = static_cast<long double>(first + static_cast<std::int64_t>(e / half));
        const long double angle = position * frequency(p, static_cast<int>(e % half));
        const long double a = amplitude(p), moved = a * std::abs(angle) * angle_error;
        const long double want_cos = a * std::cos(angle), want_sin = a * std::sin(angle);
        const auto one = [&](float got, long double want) {
            const long double off = std::abs(static_cast<long double>(got) - want);
            return std::isnan(off) ? 1e9L : std::max(off - moved, 0.0L) / rounding(want);
        };
        worst = std::max({worst, one(cos[e], want_cos), one(sin[e], want_sin)});
    }
    return worst;
}

void check_range(const RotaryParameters& p, std::int64_t first, std::int64_t positions) {
    INFO("dim " << p.dim << " base " << p.base << " scaling " << static_cast<int>(p.scaling)
                << " factor " << p.factor << " first " << first);
    std::vector<float> cos(rotary_table_size(p.dim, positions)), sin(cos.size());
    const Result result = build_rotary(p, first, positions, cos, sin);
    REQUIRE(result.status == Status::ok);
    CHECK(static_cast<double>(worst_error(p, first, cos, sin)) <= 1.0);
}

const std::int64_t starts[] = {
    0, 1000, 65530, -20, 1 << 20, 1 << 24, last_position - 15, -last_position - 1};

TEST_CASE("build_rotary: 1 ulp over dims, bases and positions up to 2^31") {
    for (const int dim : {2, 4, 6, 10, 32, 64, 128, 254})
        for (const double base : {10000.0, 500000.0, 1e6, 1.0000001, 2.0, 3.7, 1e30, 1e100})
            for (const std::int64_t first : starts)
                check_range({.dim = dim, .base = base}, first, 15);
}

TEST_CASE("build_rotary: linear, NTK and YaRN") {
    for (const RotaryScaling scaling :
         {RotaryScaling::linear, RotaryScaling::ntk, RotaryScaling::yarn})
        for (const int dim : {4, 6, 64, 96, 128})
            for (const double factor : {1.0, 1.5, 4.0, 40.0})
                for (const double base : {10000.0, 150000.0})
                    for (const std::int64_t first : starts)
                        check_range({.dim = dim,
                                     .base = base,
                                     .scaling = scaling,
                                     .factor = factor,
                                     .original_positions = 4096},
                                    first, 8);
}

TEST_CASE("build_rotary: YaRN's own parameters") {
    for (const std::int64_t original : {1, 7, 2048, 1 << 20})
        for (const double fast : {2.0, 32.0, 1000.0})
            for (const double slow : {0.5, 1.0, 1.9})
                for (const double attention : {0.0, 0.8, 1.25})
                    check_range({.dim = 64,
                                 .scaling = RotaryScaling::yarn,
                                 .factor = 8.0,
                                 .original_positions = original,
                                 .beta_fast = fast,
                                 .beta_slow = slow,
                                 .attention_factor = attention},
                                5000, 8);
}

TEST_CASE("build_rotary: 1 ulp also where cosine or sine is almost zero") {
    // Integers next to multiples of pi / 2: numerators of its continued fraction. With one pair the
    // angle is the position itself, so nothing is lost before the cosine.
    for (const std::int64_t position :
         {11,        22,        33,        344,       355,      710,       51819,
          52174,     103638,    103993,    104348,    208341,   312689,    573204,
          833719,    1146408,   4272943,   5419351,   80143857, 122925461, 165707065,
          245850922, 411557987, 534483448, 1068966896}) {
        const RotaryParameters p{.dim = 2};
        for (const std::int64_t first : {position, -position}) {
            float cos = 9, sin = 9;
            REQUIRE(build_rotary(p, first, 1, {&cos, 1}, {&sin, 1}).ok());
            INFO("position " << first);
            CHECK(static_cast<double>(worst_error(p, first, {&cos, 1}, {&sin, 1}, 0.0L)) <= 1.0);
        }
    }
    Random random(1);
    for (int i = 0; i < repeats(20000); ++i) {
        const std::int64_t position = random.between(-last_position, last_position - 1);
        float cos = 9, sin = 9;
        REQUIRE(build_rotary({.dim = 2}, position, 1, {&cos, 1}, {&sin, 1}).ok());
        REQUIRE(static_cast<double>(
                    worst_error({.dim = 2}, position, {&cos, 1}, {&sin, 1}, 0.0L)) <= 1.0);
    }
}

TEST_CASE("build_rotary: position 0 is exact, and a row does not depend on the range it is in") {
    for (const RotaryScaling scaling :
         {RotaryScaling::none, RotaryScaling::linear, RotaryScaling::ntk, RotaryScaling::yarn}) {
        const RotaryParameters p{.dim = 48,
                                 .scaling = scaling,
                                 .factor = 3.0,
                                 .original_positions = 100,
                                 .attention_factor = 1.5};
        std::vector<float> cos(24 * 200), sin(24 * 200);
        REQUIRE(build_rotary(p, -50, 200, cos, sin).ok());
        for (std::size_t i = 0; i < 24; ++i) {
            CHECK(bits_of(cos[50 * 24 + i]) ==
                  bits_of(scaling == RotaryScaling::yarn ? 1.5f : 1.0f));
            CHECK(bits_of(sin[50 * 24 + i]) == bits_of(0.0f));
        }
        for (const std::int64_t position : {-50, -1, 0, 77, 149}) {
            std::vector<float> one_cos(24), one_sin(24);
            REQUIRE(build_rotary(p, position, 1, one_cos, one_sin).ok());
            const auto row = static_cast<std::size_t>(position + 50) * 24;
            CHECK(difference(std::span(cos).subspan(row, 24), one_cos) == "");
            CHECK(difference(std::span(sin).subspan(row, 24), one_sin) == "");
        }
    }
}

TEST_CASE("build_rotary: the largest parameters give finite numbers") {
    for (const RotaryScaling scaling :
         {RotaryScaling::none, RotaryScaling::linear, RotaryScaling::ntk, RotaryScaling::yarn})
        for (const int dim : {4, 6, 65536})
            for (const double base : {1.0 + 1e-15, 1e100}) {
                INFO("scaling " << static_cast<int>(scaling) << " dim " << dim << " base " << base);
                const RotaryParameters p{.dim = dim,
                                         .base = base,
                                         .scaling = scaling,
                                         .factor = 1e9,
                                         .original_positions = 1,
                                         .attention_factor = 1e9};
                std::vector<float> cos(rotary_table_size(dim, 2)), sin(cos.size());
                REQUIRE(build_rotary(p, last_position - 1, 2, cos, sin).ok());
                for (const auto* table : {&cos, &sin})
                    for (const float x : *table) REQUIRE(std::abs(x) <= 1e9f);
            }
}

TEST_CASE("build_rotary: wrong arguments are refused and nothing is written") {
    constexpr double infinite = std::numeric_limits<double>::infinity(),
                     nan = std::numeric_limits<double>::quiet_NaN();
    const RotaryParameters good{.dim = 8, .factor = 2.0, .original_positions = 100};
    std::vector<float> cos(4 * 10, 7.0f), sin(4 * 10, 7.0f);
    const std::vector<float> untouched(4 * 10, 7.0f);
    const auto refused = [&](const RotaryParameters& p, std::int64_t first, std::int64_t positions,
                             std::span<float> c, std::span<float> s, Status status, int argument) {
        const Result result = build_rotary(p, first, positions, c, s);
        CHECK(result.status == status);
        CHECK(result.argument == argument);
        CHECK(cos == untouched);
        CHECK(sin == untouched);
    };
    const auto bad = [&](auto change) {
        RotaryParameters p = good;
        change(p);
        INFO("dim " << p.dim << " base " << p.base << " scaling " << static_cast<int>(p.scaling)
                    << " factor " << p.factor << " original " << p.original_positions << " betas "
                    << p.beta_fast << "," << p.beta_slow << " attention " << p.attention_factor);
        refused(p, 0, 2, cos, sin, Status::bad_value, 1);
    };
    for (const int dim : {0, -2, 7}) bad([&](auto& p) { p.dim = dim; });
    for (const double base : {1.0, 0.5, -3.0, 1.01e100, 1e300, infinite, nan})
        bad([&](auto& p) { p.base = base; });
    for (const RotaryScaling scaling :
         {RotaryScaling::linear, RotaryScaling::ntk, RotaryScaling::yarn})
        for (const double factor : {0.99, 0.0, -1.0, 1.1e9, infinite, nan})
            bad([&](auto& p) { p.scaling = scaling, p.factor = factor; });
    for (const RotaryScaling scaling : {RotaryScaling::ntk, RotaryScaling::yarn})
        bad([&](auto& p) { p.scaling = scaling, p.dim = 2; });
    bad([](auto& p) { p.scaling = static_cast<RotaryScaling>(99); });
    const auto bad_yarn = [&](auto change) {
        bad([&](auto& p) {
            p.scaling = RotaryScaling::yarn;
            change(p);
        });
    };
    for (const std::int64_t original : {0, -1})
        bad_yarn([&](auto& p) { p.original_positions = original; });
    for (const double fast : {1.0, 0.5, infinite, nan})
        bad_yarn([&](auto& p) { p.beta_fast = fast; });
    for (const double slow : {0.0, -1.0, 32.0, nan}) bad_yarn([&](auto& p) { p.beta_slow = slow; });
    for (const double attention : {-1.0, 1.1e9, infinite, nan})
        bad_yarn([&](auto& p) { p.attention_factor = attention; });

    refused(good, last_position, 2, cos, sin, Status::bad_value, 3);
    refused(good, -last_position - 2, 2, cos, sin, Status::bad_value, 2);
    refused(good, std::numeric_limits<std::int64_t>::min(), 2, cos, sin, Status::bad_value, 2);
    refused(good, 0, -1, cos, sin, Status::bad_value, 3);
    refused(good, 0, 10, std::span(cos).first(39), sin, Status::too_small, 4);
    refused(good, 0, 10, cos, std::span(sin).first(39), Status::too_small, 5);
    refused(good, 0, std::numeric_limits<std::int64_t>::max(), cos, sin, Status::bad_value, 3);
    refused(good, 0, 5, std::span(cos).first(20), std::span(cos).subspan(19), Status::overlap, 5);
    CHECK(build_rotary(good, 0, 0, {}, {}).ok());
    CHECK(cos == untouched);
    CHECK(build_rotary(good, 0, 5, std::span(cos).first(20), std::span(cos).subspan(20)).ok());

    CHECK(rotary_table_size(8, 10) == 40);
    CHECK(rotary_table_size(0, 10) == 0);
    CHECK(rotary_table_size(7, 10) == 0);
    CHECK(rotary_table_size(8, -1) == 0);
    CHECK(rotary_table_size(1 << 20, std::numeric_limits<std::int64_t>::max()) == 0);
}

}  // namespace
}  // namespace headroom::test
