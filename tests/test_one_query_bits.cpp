// One query of each head, as decoding has it: some ports have a way of their own for those that see
// every key. Its bits are scalar's, whatever the sizes, strides and numbers, and whatever takes a
// call out of it: a query that sees less, an output over the queries, a value that is no number.
#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "support/bits.hpp"
#include "support/index.hpp"
#include "support/layer_support.hpp"
#include "support/ports.hpp"

namespace headroom::test {
namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

struct OneQuery {
    explicit OneQuery(Random& r)
        : batches(r.chance(0.2) ? 2 : 1),
          kv_heads(r.between(1, 4)),
          heads(kv_heads * r.pick<Index>({1, 1, 1, 3})),
          keys(r.pick<Index>({1, 2, 7, 8, 9, 15, 16, 17, 24, 40, 63, 64, 72, 127, 128, 129, 260})),
          key_width(r.pick<Index>({4, 8, 9, 16, 24, 32, 64})),
          value_width(r.pick<Index>({16, 16, 32, 32, 64, 48, 20})),
          by_heads(r.chance(0.5)),
          q(numbers(r, heads * key_width)),
          k(numbers(r, kv_heads * keys * key_width)),
          v(numbers(r, kv_heads * keys * value_width)) {
        const auto somewhere = [&r](std::vector<float>& all) -> float& {
            return all[static_cast<std::size_t>(r.between(0, static_cast<Index>(all.size()) - 1))];
        };
        const float wild = r.pick({1e30f, 1e19f, nan, std::numeric_limits<float>::infinity()});
        if (r.chance(0.1))
            for (float& x : q) x *= wild;
        if (r.chance(0.1)) somewhere(k) = wild;
        if (r.chance(0.4)) somewhere(v) = wild;
        if (r.chance(0.2)) how.scale = 0.3f;
        how.causal = r.chance(0.5);  // the last one sees every key
        how.first_position = keys - r.pick({1, 1, 0, 2});
        if (r.chance(0.1)) how.window_left = r.between(0, keys);
    }

    template <class Floats>
    auto tensor(Floats& of, Index tokens, Index count, Index width) const {
        return by_heads ? head_major(of, count, tokens, width, batches)
                        : token_major(of, tokens, count, width, batches);
    }
    ConstTensor key() const { return tensor(k, keys, kv_heads, key_width); }
    ConstTensor value() const { return tensor(v, keys, kv_heads, value_width); }

    // The outputs; `in_place`: over the queries.
    template <class... Keys>
    std::vector<float> over(const Port& port, bool in_place, const Keys&... given) const {
        Arena scratch(scratch_bytes(AttendShape{1, heads, kv_heads, key_width, value_width}));
        const auto size = static_cast<std::size_t>(batches * heads * value_width);
        std::vector<float> out(size, 7.0f);
        if (in_place) out = q;
        const Tensor to = tensor(out, 1, heads, value_width);
        const ConstTensor query = in_place ? ConstTensor(to) : tensor(q, 1, heads, key_width);
        const Result done = attend(port, query, given..., to, scratch.span(), how);
        REQUIRE(done.status == Status::ok);
        return out;
    }

    std::vector<float> numbers(Random& r, Index count) const {
        return normals(r, static_cast<std::size_t>(batches * count));
    }

    Index batches, kv_heads, heads, keys, key_width, value_width;
    bool by_heads;
    std::vector<float> q, k, v;
    Attention how;
};

}  // namespace

TEST_CASE("one query: every port gives what scalar gives, from tensors, from a cache, in place") {
    Random seeds(71);
    for (int n = 0; n < repeats(600); ++n) {
        const std::uint64_t seed = seeds.bits();
        Random r(seed);
        const OneQuery p(r);
        const std::vector<float> want = p.over(scalar_port(), false, p.key(), p.value());

        const CacheShape shape{.kv_heads = static_cast<int>(p.kv_heads),
                               .key_width = static_cast<int>(p.key_width),
                               .value_width = static_cast<int>(p.value_width),
                               .max_keys = p.keys + r.pick({0, 3, 20, 64})};
        const Arena state(state_bytes(shape));  // NaN wherever nothing is written
        std::memset(state.span().data(), 0, 64);
        KvCache cache;
        REQUIRE(cache.open(shape, state.span()).ok());
        if (p.batches == 1) REQUIRE(cache.append(p.key(), p.value()).ok());

        for (const Port* port : runnable_ports()) {
            INFO("case ", n, " seed ", seed, " port ", name_of(*port), " keys ", p.keys, " widths ",
                 p.key_width, " ", p.value_width, " heads ", p.heads, " of ", p.kv_heads);
            CHECK(difference(want, p.over(*port, false, p.key(), p.value())) == "");
            if (p.key_width == p.value_width)
                CHECK(difference(want, p.over(*port, true, p.key(), p.value())) == "");
            if (p.batches == 1) CHECK(difference(want, p.over(*port, false, cache)) == "");
        }
    }
}

}  // namespace headroom::test
