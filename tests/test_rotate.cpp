// rotate(): the turn of each pair, in any layout, in place, the same on every port.
#include <doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <headroom/rotary.hpp>

#include "support/bits.hpp"
#include "support/fake_port.hpp"
#include "support/layer_support.hpp"
#include "support/ports.hpp"

namespace headroom::test {
namespace {

struct Turn {
    explicit Turn(std::uint64_t seed) : random(seed) {
        dim = 2 * static_cast<int>(random.between(1, 24));
        const Index width = dim + (random.chance(0.5) ? 0 : random.between(0, 20));
        const Index batches = random.between(1, 3), tokens = random.between(0, 9);
        rows = random.between(1, 40);
        in = Field::random(random, batches, tokens, random.between(1, 5), width);
        in.fill(random);
        cos = normals(random, rotary_table_size(dim, rows));
        sin = normals(random, cos.size());
        for (Index i = 0; i < batches * tokens; ++i)
            positions.push_back(random.between(0, rows - 1));
        pairs = random.chance(0.5) ? RotaryPairs::halves : RotaryPairs::interleaved;
    }
    RotaryTables tables() const { return {dim, pairs, rows, cos, sin}; }

    Random random;
    int dim = 0;
    Index rows = 0;
    Field in;
    std::vector<float> cos, sin;
    std::vector<std::int64_t> positions;
    RotaryPairs pairs = RotaryPairs::halves;
};

void check_row(const Turn& turn, std::int64_t position, std::span<const float> in,
               std::span<const float> out) {
    const auto half = static_cast<std::size_t>(turn.dim / 2);
    for (std::size_t i = 0; i < half; ++i) {
        const bool halves = turn.pairs == RotaryPairs::halves;
        const std::size_t a = halves ? i : 2 * i, b = halves ? i + half : 2 * i + 1;
        const std::size_t row = static_cast<std::size_t>(position) * half + i;
        const double cos = double{turn.cos[row]}, sin = double{turn.sin[row]}, x0 = double{in[a]},
                     x1 = double{in[b]};
        // One product is rounded, then the fused sum: at most an ulp of each.
        const double error = 0x1p-23 * (std::abs(cos * x0) + std::abs(sin * x1)) +
                             0x1p-23 * (std::abs(cos * x1) + std::abs(sin * x0));
        CHECK(std::abs(double{out[a]} - (cos * x0 - sin * x1)) <= error);
        CHECK(std::abs(double{out[b]} - (sin * x0 + cos * x1)) <= error);
    }
    CHECK(difference(in.subspan(2 * half), out.subspan(2 * half)) == "");
}

TEST_CASE("rotate: every layout, in place or not, on every port") {
    for (int i = 0; i < repeats(400); ++i) {
        const Turn turn(100 + static_cast<std::uint64_t>(i));
        INFO("case " << i << " dim " << turn.dim << " width " << turn.in.view().width);
        const Field scalar = turn.in.blank();
        REQUIRE(rotate(scalar_port(), turn.in.view(), scalar.view(), turn.tables(), turn.positions)
                    .ok());
        turn.in.for_each_row([&](Index b, Index t, Index h, std::span<float> row) {
            const auto token = static_cast<std::size_t>(b * turn.in.view().tokens + t);
            check_row(turn, turn.positions[token], row, scalar.row(b, t, h));
        });
        CHECK(scalar.gaps_intact());
        for (const Port* port : runnable_ports()) {
            INFO(port->name);
            const Field in_place = turn.in.copy(), other = turn.in.blank();
            REQUIRE(rotate(*port, in_place.view(), in_place.view(), turn.tables(), turn.positions)
                        .ok());
            CHECK(difference(scalar.memory(), in_place.memory()) == "");
            REQUIRE(
                rotate(*port, turn.in.view(), other.view(), turn.tables(), turn.positions).ok());
            CHECK(difference(scalar.memory(), other.memory()) == "");
        }
    }
}

TEST_CASE("rotate: from one layout to another") {
    for (int i = 0; i < repeats(100); ++i) {
        Turn turn(900 + static_cast<std::uint64_t>(i));
        const Tensor& in = turn.in.view();
        const Field same = turn.in.blank();
        const Field other = Field::random(turn.random, in.batches, in.tokens, in.heads, in.width);
        const Port& port = some_port(i);
        REQUIRE(rotate(port, in, same.view(), turn.tables(), turn.positions).ok());
        REQUIRE(rotate(port, in, other.view(), turn.tables(), turn.positions).ok());
        same.for_each_row([&](Index b, Index t, Index h, std::span<float> row) {
            CHECK(difference(row, other.row(b, t, h)) == "");
        });
        CHECK(other.gaps_intact());
    }
}

TEST_CASE("rotate: wrong arguments are refused and nothing is written") {
    std::vector<float> in(2 * 3 * 8, 1.0f), out(2 * 3 * 8, 7.0f), cos(5 * 4, 0.5f),
        sin(5 * 4, 0.5f);
    const std::vector<float> before = out;
    const std::vector<std::int64_t> positions{0, 4};
    const ConstTensor x = token_major(std::span<const float>(in), 2, 3, 8);
    const Tensor y = token_major(out, 2, 3, 8);
    const RotaryTables tables{8, RotaryPairs::halves, 5, cos, sin};
    const auto refused = [&](const Result& result, Status status, int argument) {
        CHECK(result.status == status);
        CHECK(result.argument == argument);
        CHECK(out == before);
    };
    const auto with = [](auto value, auto change) {
        change(value);
        return value;
    };
    const Port& port = best_port();
    refused(rotate(unsupported_port(), x, y, tables, positions), Status::unsupported_port, 1);
    refused(rotate(port, with(x, [](auto& t) { t.tokens = -1; }), y, tables, positions),
            Status::bad_shape, 2);
    refused(rotate(port, with(x, [](auto& t) { t.head_stride = -8; }), y, tables, positions),
            Status::bad_shape, 2);
    refused(rotate(port, with(x, [](auto& t) { t.data = t.data.first(47); }), y, tables, positions),
            Status::too_small, 2);
    refused(rotate(port, x, with(y, [](auto& t) { t.heads = 2; }), tables, positions),
            Status::bad_shape, 3);
    refused(rotate(port, x, with(y, [](auto& t) { t.width = 7; }), tables, positions),
            Status::bad_shape, 3);
    refused(rotate(port, x, with(y, [](auto& t) { t.data = t.data.first(47); }), tables, positions),
            Status::too_small, 3);
    for (const int dim : {0, 7, -2, 10})
        refused(rotate(port, x, y, with(tables, [&](auto& t) { t.dim = dim; }), positions),
                Status::bad_shape, 4);
    refused(rotate(port, x, y, with(tables, [](auto& t) { t.cos = t.cos.first(19); }), positions),
            Status::too_small, 4);
    refused(rotate(port, x, y, with(tables, [](auto& t) { t.sin = t.sin.first(19); }), positions),
            Status::too_small, 4);
    refused(rotate(port, x, y, with(tables, [](auto& t) { t.positions = -1; }), positions),
            Status::bad_shape, 4);
    refused(rotate(port, x, y, tables, std::span(positions).first(1)), Status::too_small, 5);
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    for (const std::int64_t wrong : {std::int64_t{-1}, std::int64_t{5}, most, -most}) {
        const std::vector<std::int64_t> list{0, wrong};
        refused(rotate(port, x, y, tables, list), Status::bad_value, 5);
    }

    // Shifted by one token, or with other strides on the same memory: no longer in place.
    std::vector<float> shared(3 * 3 * 8, 1.0f);
    const std::vector<float> shared_before = shared;
    const ConstTensor first = token_major(std::span<const float>(shared), 2, 3, 8);
    const Tensor second = token_major(std::span(shared).subspan(24), 2, 3, 8),
                 heads = head_major(shared, 3, 2, 8);
    refused(rotate(port, first, second, tables, positions), Status::overlap, 3);
    refused(rotate(port, first, heads, tables, positions), Status::overlap, 3);
    CHECK(shared == shared_before);
    refused(rotate(port, token_major(std::span<const float>(in), 0, 3, 8),
                   token_major(out, 0, 3, 8), tables, {}),
            Status::ok, 0);
}

}  // namespace
}  // namespace headroom::test
