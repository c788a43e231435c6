// One query of each head, as decoding has it: some ports have a way of their own for those that see
// every key. Its bits are scalar's, whatever the sizes, strides and numbers, and whatever takes a
// call out of it: a query that sees less, an output over the queries, a value that is no number.
#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "kernels/kernels.hpp"

#include "support/bits.hpp"
#include "support/executors.hpp"
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

// A port with the kernels of another, that does queries one by one where it can, and counts them.
struct CountingPort {
    static inline bool (*kernel)(const detail::OneTask&) noexcept;
    static inline int heads;
    static bool counted(const detail::OneTask& task) noexcept {
        ++heads;
        return kernel != nullptr && kernel(task);  // false: in the general way, by the caller
    }

    explicit CountingPort(const Port& of) : kernels(*of.kernels), port(of) {
        kernel = kernels.attend_one;
        kernels.attend_small = detail::attend_ones;
        kernels.attend_one = counted;
        port.kernels = &kernels;
        heads = 0;
    }
    detail::Kernels kernels;
    Port port;
};

constexpr Shape decoder{
    .model_dim = 32, .heads = 2, .rotary_dim = 8, .max_queries = 1, .max_keys = 9};
using Decoder = MultiHeadAttention<decoder>;
constexpr RotaryComputed rotary{{.dim = 8}, RotaryPairs::halves};

struct Decoded {
    explicit Decoded(const std::vector<float>& x) : y(x.size(), 7.0f), rows(x) {}

    // Each token in a call of its own; call(x, y, state, scratch) is the layer's.
    template <class Call>
    std::vector<float> each(Call call) {
        const Arena state(Decoder::state_bytes), scratch(Decoder::scratch_bytes);
        std::memset(state.span().data(), 0, 64);
        constexpr std::size_t width = decoder.model_dim;
        for (std::size_t at = 0; at < y.size(); at += width) {
            const Result done =
                call(rows_of(std::span<const float>(rows).subspan(at, width), 1, width),
                     rows_of(std::span<float>(y).subspan(at, width), 1, width), state.span(),
                     scratch.span());
            REQUIRE(done.status == Status::ok);
        }
        return y;
    }
    std::vector<float> y;
    const std::vector<float>& rows;
};

// A layer's outputs, by a port that counts, compared with those of scalar. The features are known
// when this is compiled, and again when it runs. Returns the heads that were done as one query.
struct Decoding {
    Random random{5};
    Arena blob = packed(decoder, random_weights(decoder, random));
    std::vector<float> x = normals(random, decoder.model_dim* decoder.max_keys);
    Attention how{.causal = true};

    template <class... Given>
    int heads(const Port& port, const FeatureSet& set, const Given&... given) {
        const auto outputs = [&](const Port& on) {
            Decoder layer;
            REQUIRE(layer.open(on, blob.span()).ok());
            return Decoded(x).each(
                [&](const auto&... memory) { return layer.forward(memory..., how, given...); });
        };
        const std::vector<float> want = outputs(scalar_port());
        CountingPort counting(port);
        CHECK(difference(want, outputs(counting.port)) == "");
        const int compiled = CountingPort::heads;
        const RuntimeLayer layer(decoder, counting.port, blob.span());
        CHECK(difference(want, Decoded(x).each([&](const auto&... memory) {
                  return layer.forward(memory..., how, set);
              })) == "");
        CHECK(CountingPort::heads == 2 * compiled);
        return compiled;
    }
};

}  // namespace

TEST_CASE("one query: what a layer does before attention does not take its tokens out of it") {
    Decoding p;
    constexpr int all = decoder.max_keys * decoder.heads;
    static constexpr float slopes[] = {0.5f, 0.25f};
    const Alibi sloped{slopes};
    const Softcap capped{5.0f};
    Threads threads(1);
    for (const Port* port : runnable_ports()) {
        INFO("port ", name_of(*port));
        if (port->kernels == nullptr) continue;  // the only port: no table to count in
        FeatureSet set;
        CHECK(p.heads(*port, set) == all);
        set.computed = rotary;
        CHECK(p.heads(*port, set, rotary) == all);
        set.alibi = sloped;
        CHECK(p.heads(*port, set, rotary, sloped) == 0);
        CHECK(p.heads(*port, set, sloped, rotary) == 0);
        set.softcap = capped;
        CHECK(p.heads(*port, set, capped, rotary, sloped) == 0);
        set = {};
        set.executor = threads.executor();
        CHECK(p.heads(*port, set, threads.executor()) == 0);
    }
}

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

// Only a sanitizer sees a pointer that goes too far and is not used.
TEST_CASE("one query: a stride that is not used may be of any size, as with 16 of them") {
    constexpr Index size = 16, far = std::numeric_limits<Index>::max() / 4 + 1;
    Random random(9);
    const std::vector<float> q = normals(random, size * size), k = normals(random, size * size),
                             v = normals(random, size * size);
    const Arena scratch(scratch_bytes(AttendShape{size, 1, 1, size, size}));
    for (const Index queries : {Index{1}, size}) {
        const auto outputs = [&](const Port& on, Index stride) {
            const auto tensor = [stride](auto& of, Index tokens) {
                auto one = token_major(of, tokens, 1, size);
                one.head_stride = one.batch_stride = stride;
                return one;
            };
            std::vector<float> out(q.size(), 7.0f);
            const Result done = attend(on, tensor(q, queries), tensor(k, size), tensor(v, size),
                                       tensor(out, queries), scratch.span());
            REQUIRE(done.status == Status::ok);
            return out;
        };
        const std::vector<float> want = outputs(scalar_port(), size);
        for (const Port* port : runnable_ports()) {
            INFO("queries ", queries, " port ", name_of(*port));
            CHECK(difference(want, outputs(*port, far)) == "");
            if (port->kernels == nullptr) continue;  // the only port: no table to count in
            CountingPort counting(*port);
            CHECK(difference(want, outputs(counting.port, far)) == "");
            CHECK(CountingPort::heads == (queries == 1 ? 1 : 0));
        }
    }
}

}  // namespace headroom::test
