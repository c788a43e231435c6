// A layer is exactly its pieces: projections as written in the contract, rotate(),
// KvCache::append(), attend(), and one more projection. Bit for bit, so a bias added first or a sum
// in another order shows.
#include <doctest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include <headroom/headroom.hpp>

#include "support/index.hpp"
#include "support/run_layer.hpp"

namespace headroom::test {
namespace {

// One fused chain from +0 in ascending order for each output, then the bias; `skip` leaves inputs
// out.
template <class Skip>
void project(std::span<const float> x, std::span<const float> matrix, std::span<const float> bias,
             std::span<float> y, Skip skip) {
    for (std::size_t o = 0; o < y.size(); ++o) {
        float sum = 0.0f;
        for (std::size_t i = 0; i < x.size(); ++i)
            if (!skip(i)) sum = std::fma(matrix[o * x.size() + i], x[i], sum);
        y[o] = (bias.empty() ? sum : sum + bias[o]) + 0.0f;
    }
}

class Pieces {
public:
    Pieces(const LayerCase& layer, const Port& port)
        : c_(layer),
          s_(layer.shape),
          port_(port),
          state_(state_bytes(cache_shape(s_)), 0, 0),
          scratch_(scratch_bytes(AttendShape{index_of(c_.queries), s_.heads, s_.kv_heads,
                                             s_.head_dim, s_.value_dim})) {
        REQUIRE(cache_.open(cache_shape(s_), state_.span()).ok());
    }

    void append(std::span<const float> keys, std::span<const float> values, std::int64_t tokens) {
        std::vector<float> k =
            rows(keys, tokens, c_.weights.key, c_.weights.key_bias, s_.kv_heads * s_.head_dim);
        const std::vector<float> v = rows(values, tokens, c_.weights.value, c_.weights.value_bias,
                                          s_.kv_heads * s_.value_dim);
        rotate_all(k, tokens, s_.kv_heads, cache_.size());
        REQUIRE(cache_
                    .append(token_major(k, index_of(tokens), s_.kv_heads, s_.head_dim),
                            token_major(v, index_of(tokens), s_.kv_heads, s_.value_dim))
                    .status == Status::ok);
    }

    std::vector<float> attend(std::span<const float> x, std::int64_t tokens, Attention how) {
        std::vector<float> q =
            rows(x, tokens, c_.weights.query, c_.weights.query_bias, s_.heads * s_.head_dim);
        rotate_all(q, tokens, s_.heads, how.first_position);
        const auto width = static_cast<std::size_t>(s_.heads * s_.value_dim);
        std::vector<float> heads(static_cast<std::size_t>(tokens) * width);
        const auto query = token_major(q, index_of(tokens), s_.heads, s_.head_dim);
        const auto out = token_major(heads, index_of(tokens), s_.heads, s_.value_dim);
        const HeadMask mask{{c_.keep.get(), static_cast<std::size_t>(s_.heads)}};
        const ExtraKey extra{c_.weights.extra_key, c_.weights.extra_value};
        const auto call = [&](const auto&... features) {
            REQUIRE(headroom::attend(port_, query, cache_, out, scratch_.span(), how, features...)
                        .status == Status::ok);
        };
        if (s_.extra_key && c_.keep)
            call(extra, mask);
        else if (s_.extra_key)
            call(extra);
        else if (c_.keep)
            call(mask);
        else
            call();

        std::vector<float> y(static_cast<std::size_t>(tokens * s_.output_dim));
        for (std::size_t t = 0; t < static_cast<std::size_t>(tokens); ++t) {
            const auto outputs = static_cast<std::size_t>(s_.output_dim);
            project(std::span(heads).subspan(t * width, width), c_.weights.output,
                    c_.weights.output_bias, std::span(y).subspan(t * outputs, outputs),
                    [&](std::size_t i) {
                        return c_.keep && !c_.keep[i / static_cast<std::size_t>(s_.value_dim)];
                    });
        }
        return y;
    }

    std::vector<float> cached() const {
        return cached_tokens(cache_shape(s_), cache_.state(), cache_.size());
    }

private:
    static std::vector<float> rows(std::span<const float> x, std::int64_t tokens,
                                   const std::vector<float>& matrix, const std::vector<float>& bias,
                                   int outputs) {
        const auto n = static_cast<std::size_t>(outputs),
                   in = x.size() / static_cast<std::size_t>(tokens);
        std::vector<float> y(static_cast<std::size_t>(tokens) * n);
        for (std::size_t t = 0; t < static_cast<std::size_t>(tokens); ++t)
            project(x.subspan(t * in, in), matrix, bias, std::span(y).subspan(t * n, n),
                    [](std::size_t) { return false; });
        return y;
    }

    void rotate_all(std::vector<float>& data, std::int64_t tokens, int heads,
                    std::int64_t first) const {
        if (c_.rotary.dim == 0) return;
        std::vector<std::int64_t> positions;
        for (std::int64_t t = 0; t < tokens; ++t) positions.push_back(first + t);
        const Tensor view = token_major(data, index_of(tokens), heads, s_.head_dim);
        REQUIRE(rotate(port_, view, view, c_.tables(), positions).status == Status::ok);
    }

    const LayerCase& c_;
    const Shape& s_;
    const Port& port_;
    Arena state_, scratch_;
    KvCache cache_;
};

// Only what Pieces knows: the scores' features are tested with attend().
LayerCase plain_case(Use use, std::uint64_t seed) {
    LayerCase c = random_case(use, seed, 50);
    c.softcap = 0.0f;
    c.slopes.clear();
    c.sink_logits.clear();
    c.bias.clear();
    c.mask.reset();
    c.zero_key = false;
    c.rotary_computed = false;
    return c;
}

TEST_CASE("layer pieces: forward is project, rotate, append, attend, project") {
    for (int i = 0; i < repeats(150); ++i) {
        const LayerCase c = plain_case(Use::self, 8000 + static_cast<std::uint64_t>(i));
        const LayerInputs in(c);
        for (const Port* port : runnable_ports()) {
            INFO("seed " << c.seed << " port " << port->name);
            LayerRun run;
            run.ports = {port};
            const LayerOutcome got = run_layer(c, run);
            REQUIRE(got.result.status == Status::ok);
            Pieces pieces(c, scalar_port());
            pieces.append(in.x, in.x, c.queries);
            CHECK(difference(pieces.cached(), got.cached) == "");
            CHECK(difference(pieces.attend(in.x, c.queries, c.how), got.y) == "");
        }
    }
}

TEST_CASE("layer pieces: append_context and attend_context likewise") {
    for (int i = 0; i < repeats(100); ++i) {
        const LayerCase c = plain_case(Use::cross, 9000 + static_cast<std::uint64_t>(i));
        const LayerInputs in(c);
        const Port& port = some_port(i);
        INFO("seed " << c.seed << " port " << port.name);
        LayerRun run;
        run.ports = {&port};
        const LayerOutcome got = run_layer(c, run);
        REQUIRE(got.result.status == Status::ok);
        Pieces pieces(c, port);
        pieces.append(in.keys, in.values, c.keys);
        CHECK(difference(pieces.cached(), got.cached) == "");
        CHECK(difference(pieces.attend(in.x, c.queries, c.how), got.y) == "");
    }
}

}  // namespace
}  // namespace headroom::test
