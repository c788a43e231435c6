// exp on every float of its range, and tanh on a dense sample, against double precision.
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "kernels/test_access.hpp"
#include "support/bits.hpp"
#include "support/ports.hpp"
#include "support/random.hpp"

using namespace headroom;
using namespace headroom::test;

namespace {

constexpr std::ptrdiff_t chunk = 4096;
constexpr std::uint32_t minus_zero = 0x80000000u, minus_forty = 0xc2200000u,
                        minus_inf = 0xff800000u;

// The distance of two floats at the size of x: an ulp, for x that is a normal float.
double ulp_of(double x) {
    constexpr std::uint64_t exponent = 0x7ff0000000000000u;
    return std::bit_cast<double>(std::bit_cast<std::uint64_t>(x) & exponent) * 0x1p-23;
}

struct Worst {
    double ulps = 0.0;
    float at = 0.0f;
};

Worst worst_exp(const float* x, const float* got) {
    static double off[chunk];
    for (std::ptrdiff_t i = 0; i < chunk; ++i) {
        const double want = std::exp(double{x[i]});
        const double gap = std::abs(got[i] - want) / ulp_of(want);
        off[i] = gap == gap ? gap : std::numeric_limits<double>::infinity();
    }
    const auto worst = std::max_element(off, off + chunk) - off;
    return {off[worst], x[worst]};
}

float one_exp(const Port& port, float x) {
    alignas(64) float in[16], out[16];
    std::fill(in, in + 16, x);
    detail::exp_lanes(port, in, out, 16);
    return out[7];
}

float one_tanh(const Port& port, float x) {
    alignas(64) float in[16], out[16];
    std::fill(in, in + 16, x);
    detail::tanh_lanes(port, in, out, 16);
    return out[9];
}

}  // namespace

TEST_CASE("exp: at most 1 ulp on every float of [-40, 0]; all ports agree") {
    alignas(64) static float in[chunk], out[chunk], other[chunk];
    Worst worst;
    const std::uint32_t stride = full_effort() ? 1u : 1001u;
    std::uint64_t number = 0;
    for (std::uint64_t first = minus_zero; first <= minus_forty;
         first += chunk * std::uint64_t{stride}) {
        for (std::uint32_t i = 0; i < chunk; ++i)
            in[i] =
                std::bit_cast<float>(std::min(static_cast<std::uint32_t>(first) + i, minus_forty));
        detail::exp_lanes(best_port(), in, out, chunk);
        const Worst here = worst_exp(in, out);
        if (here.ulps > worst.ulps) worst = here;
        if (number++ % 61 != 0) continue;
        for (const Port* port : runnable_ports()) {
            detail::exp_lanes(*port, in, other, chunk);
            INFO("port ", name_of(*port), " from ", in[0]);
            REQUIRE(difference(out, other) == "");
        }
    }
    MESSAGE("exp on [-40, 0]: at most ", worst.ulps, " ulp, at ", worst.at);
    CHECK(worst.ulps <= 1.0);
}

TEST_CASE("exp: exactly 0 below -40, exactly 1 at 0, NaN stays NaN") {
    alignas(64) float in[16], out[16];
    for (const Port* port : runnable_ports()) {
        INFO("port ", name_of(*port));
        const std::uint64_t stride = 16u * static_cast<std::uint64_t>(full_effort() ? 971 : 99991);
        bool zero = true;
        for (std::uint64_t bits = minus_forty + 1; bits <= minus_inf; bits += stride) {
            for (std::uint32_t i = 0; i < 16; ++i)
                in[i] =
                    std::bit_cast<float>(std::min(static_cast<std::uint32_t>(bits) + i, minus_inf));
            detail::exp_lanes(*port, in, out, 16);
            for (const float y : out) zero = zero && std::bit_cast<std::uint32_t>(y) == 0u;
        }
        CHECK(zero);
        for (const float x :
             {std::nextafter(-40.0f, -41.0f), -87.0f, -104.0f, -std::numeric_limits<float>::max(),
              -std::numeric_limits<float>::infinity()})
            CHECK(std::bit_cast<std::uint32_t>(one_exp(*port, x)) == 0u);
        CHECK(one_exp(*port, -40.0f) > 0.0f);
        CHECK(one_exp(*port, 0.0f) == 1.0f);
        CHECK(one_exp(*port, -0.0f) == 1.0f);
        Random random(91);
        for (int n = 0; n < 10000;
             ++n) {  // payloads of all kinds, of both signs, quiet and signalling
            const auto payload = static_cast<std::uint32_t>(random.bits()) & 0x807fffffu;
            const float nan = std::bit_cast<float>(0x7f800000u | payload | (1u << (n % 23)));
            const float y = one_exp(*port, nan);
            REQUIRE(y != y);
        }
    }
}

TEST_CASE("tanh: at most 2 ulp, odd, 1 in the limit, NaN stays NaN; all ports agree") {
    constexpr std::uint32_t ten = 0x41200000u;
    alignas(64) static float in[chunk], out[chunk], other[chunk];
    const std::uint64_t stride = full_effort() ? 173 : 10007;
    Worst worst;
    // From the smallest normal float: for smaller ones tanh(x) is x, with the error of a rounding.
    for (std::uint64_t first = 0x00800000u; first <= ten; first += chunk * stride) {
        for (std::uint32_t i = 0; i < chunk; ++i) {
            const std::uint64_t bits = std::min<std::uint64_t>(first + i * stride, ten);
            in[i] = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
        }
        detail::tanh_lanes(best_port(), in, out, chunk);
        for (std::uint32_t i = 0; i < chunk; ++i) {
            const double want = std::tanh(double{in[i]});
            const double ulps = std::abs(out[i] - want) / ulp_of(want);
            if (!(ulps <= worst.ulps)) worst = {ulps, in[i]};
        }
        for (const Port* port : runnable_ports()) {
            detail::tanh_lanes(*port, in, other, chunk);
            INFO("port ", name_of(*port), " from ", in[0]);
            REQUIRE(difference(out, other) == "");
        }
        for (float& x : in) x = -x;
        detail::tanh_lanes(best_port(), in, other, chunk);
        for (float& y : other) y = -y;
        REQUIRE(difference(out, other) == "");
    }
    MESSAGE("tanh: at most ", worst.ulps, " ulp, at ", worst.at);
    CHECK(worst.ulps <= 2.0);

    for (const Port* port : runnable_ports()) {
        INFO("port ", name_of(*port));
        for (const float x : {9.5f, 20.0f, 100.0f, 1e30f, std::numeric_limits<float>::max(),
                              std::numeric_limits<float>::infinity()}) {
            CHECK(one_tanh(*port, x) == 1.0f);
            CHECK(one_tanh(*port, -x) == -1.0f);
        }
        CHECK(one_tanh(*port, 0.0f) == 0.0f);
        CHECK(one_tanh(*port, 1e-40f) == doctest::Approx(1e-40f));
        for (const std::uint32_t nan : {0x7fc00000u, 0xffc00000u, 0x7f800001u, 0xffffffffu}) {
            const float y = one_tanh(*port, std::bit_cast<float>(nan));
            CHECK(y != y);
        }
    }
}
