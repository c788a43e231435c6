// The cache's life: open, append, truncate, clear, copy; and that its memory is as documented.
#include <doctest.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include <headroom/headroom.hpp>

#include "support/cache_pair.hpp"

namespace headroom::test {
namespace {

// Tensors of `tokens` tokens of ones, in the cache's shape.
struct Ones {
    Ones(const CacheShape& s, Index tokens)
        : keys(static_cast<std::size_t>(tokens * s.kv_heads * s.key_width), 1.0f),
          values(static_cast<std::size_t>(tokens * s.kv_heads * s.value_width), 1.0f),
          key(token_major(keys, tokens, s.kv_heads, s.key_width)),
          value(token_major(values, tokens, s.kv_heads, s.value_width)) {}
    std::vector<float> keys, values;
    ConstTensor key, value;
};

constexpr CacheShape small{.kv_heads = 2, .key_width = 3, .value_width = 5, .max_keys = 20};
constexpr CacheShape small_ring{
    .kv_heads = 1, .key_width = 2, .value_width = 2, .window = 20, .sinks = 5, .max_queries = 4};

TEST_CASE("kv_cache: a handle that was never opened refuses everything") {
    KvCache cache;
    const Ones one(small, 1);
    CHECK_FALSE(cache.is_open());
    CHECK(cache.size() == 0);
    cache.clear();
    CHECK(cache.truncate(0).status == Status::not_open);
    CHECK(cache.append(one.key, one.value).status == Status::not_open);
    CachePair other(small);
    CHECK(cache.copy_from(other.cache).status == Status::not_open);
    CHECK(other.cache.copy_from(cache).status == Status::not_open);
}

TEST_CASE("kv_cache: open checks its memory and leaves a refused handle as it was") {
    CachePair pair(small);
    const Arena longer(state_bytes(small) + 64, 0, 0), shifted(state_bytes(small), 4, 0);
    KvCache& cache = pair.cache;
    const auto refused = [&](const CacheShape& shape, std::span<std::byte> memory, Status status,
                             int argument) {
        const Result result = cache.open(shape, memory);
        CHECK(result.status == status);
        CHECK(result.argument == argument);
        CHECK(cache.state().data() == pair.state.span().data());
        CHECK(cache.shape().key_width == small.key_width);
    };
    CacheShape impossible = small;
    impossible.max_keys = 0;
    refused(impossible, longer.span(), Status::bad_shape, 1);
    impossible = small;
    impossible.key_width = 0;
    refused(impossible, longer.span(), Status::bad_shape, 1);
    refused(small, longer.span().first(state_bytes(small) - 1), Status::too_small, 2);
    refused(small, {}, Status::too_small, 2);
    refused(small, shifted.span(), Status::misaligned, 2);
    CHECK(cache.open(small, longer.span()).ok());  // more than enough is enough
    CHECK(cache.state().size() == state_bytes(small));
}

TEST_CASE("kv_cache: a header that this shape cannot have is refused, any other is taken") {
    for (const CacheShape& shape : {small, small_ring}) {
        const bool ring = shape.window > 0;
        const Arena state(state_bytes(shape), 0, 0);
        KvCache cache;
        const auto open_with = [&](std::int64_t tokens, std::int64_t overwritten) {
            std::memcpy(state.span().data(), &tokens, 8);
            std::memcpy(state.span().data() + 8, &overwritten, 8);
            const Result result = cache.open(shape, state.span());
            CHECK(result.argument == (result.ok() ? 0 : 2));
            return result.status;
        };
        constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
        CHECK(open_with(0, 0) == Status::ok);
        CHECK(open_with(7, 0) == Status::ok);
        CHECK(cache.size() == 7);
        CHECK(open_with(20, 0) == Status::ok);
        CHECK(open_with(-1, 0) == Status::bad_state);
        CHECK(open_with(-1, -1) == Status::bad_state);
        CHECK(open_with(7, -1) == Status::bad_state);
        CHECK(open_with(7, 8) == Status::bad_state);  // what has not come cannot be gone
        CHECK(open_with(largest, 0) == Status::bad_state);
        CHECK((open_with(21, 0) == Status::ok) == ring);
        CHECK(open_with(7, 1) == Status::bad_state);  // slots that no token has come back to
        const detail::Storage storage =
            detail::storage_of(shape.max_keys, shape.window, shape.sinks, shape.max_queries);
        const std::int64_t fixed = storage.fixed * detail::panel_lanes,
                           turn = storage.ring * detail::panel_lanes;
        if (ring) {  // every length up to three turns, every mark of what is overwritten
            for (std::int64_t size = 0; size <= fixed + 3 * turn; ++size) {
                for (std::int64_t kept = 0; kept <= size + 1; ++kept) {
                    const bool overwritten = kept > fixed && kept <= size;
                    const bool possible =
                        kept == 0 ? size <= fixed + turn : overwritten && kept >= size - turn;
                    if ((open_with(size, kept) == Status::ok) != possible)
                        FAIL(size << " tokens, kept " << kept);
                }
            }
        }
        std::memset(state.span().data(), 0xff, 64);
        CHECK(cache.open(shape, state.span()).status == Status::bad_state);
        std::memset(state.span().data(), 0x41, 64);
        CHECK(cache.open(shape, state.span()).status == Status::bad_state);
    }
}

TEST_CASE("kv_cache: capacity, and a full cache") {
    CachePair pair(small);
    Random random(1);
    CHECK(pair.cache.capacity() == 20);
    REQUIRE(pair.append(20, random).ok());
    CHECK(pair.model.matches(pair.cache));
    const std::uint64_t before = hash_bytes(pair.state.span());
    const Ones one(small, 1), none(small, 0);
    CHECK(pair.cache.append(one.key, one.value).status == Status::cache_full);
    CHECK(pair.cache.append(none.key, none.value).ok());
    CHECK(hash_bytes(pair.state.span()) == before);
    REQUIRE(pair.cache.truncate(19).ok());
    CHECK(pair.cache.append(one.key, one.value).ok());

    CachePair ring(small_ring);
    CHECK(ring.cache.capacity() == std::int64_t{1} << 62);
}

TEST_CASE("kv_cache: random lives of caches and rings agree with a list of tokens") {
    int refused = 0;
    for (int i = 0; i < repeats(300); ++i) {
        Random random(100 + static_cast<std::uint64_t>(i));
        CachePair pair(random_cache_shape(i % 2 == 1, random));
        const bool ring = pair.shape.window > 0;
        INFO("case " << i << " window " << pair.shape.window << " sinks " << pair.shape.sinks
                     << " max_queries " << pair.shape.max_queries);
        for (int step = 0; step < 40; ++step) {
            const std::int64_t size = pair.cache.size(),
                               room = ring ? 1000 : pair.shape.max_keys - size;
            if (random.chance(0.02)) {
                pair.clear();
            } else if (random.chance(0.3)) {
                const std::int64_t keep =
                    random.chance(0.1) ? size + 1 : size - random.between(0, size);
                const bool allowed = pair.model.may_truncate(keep);
                const std::uint64_t before = hash_bytes(pair.state.span());
                const Result result = pair.cache.truncate(keep);
                INFO("truncate " << size << " to " << keep);
                CHECK(result.status == (allowed ? Status::ok : Status::bad_value));
                CHECK(result.argument == (allowed ? 0 : 1));
                if (result.ok())
                    pair.model.truncate(keep);
                else
                    CHECK(hash_bytes(pair.state.span()) == before);
                refused += !allowed;
            } else if (room > 0) {
                const std::int64_t most = ring ? pair.shape.max_queries : room;
                REQUIRE(
                    pair.append(random.between(0, std::min<std::int64_t>(most, 40)), random).ok());
            }
            REQUIRE(pair.model.matches(pair.cache));
            // Nothing is remembered outside the state.
            REQUIRE(pair.cache.open(pair.shape, pair.state.span()).ok());
        }
        CHECK(pair.state.intact());
    }
    CHECK(refused > 0);
}

TEST_CASE("kv_cache: a refused append changes no byte") {
    for (const CacheShape& shape : {small, small_ring}) {
        CachePair pair(shape);
        Random random(2);
        REQUIRE(pair.append(3, random).ok());
        const std::uint64_t before = hash_bytes(pair.state.span());
        const Ones two(shape, 2);
        const auto refused = [&](const ConstTensor& key, const ConstTensor& value, Status status,
                                 int argument) {
            const Result result = pair.cache.append(key, value);
            CHECK(result.status == status);
            CHECK(result.argument == argument);
            CHECK(hash_bytes(pair.state.span()) == before);
            CHECK(pair.cache.size() == 3);
        };
        const auto with = [](ConstTensor tensor, auto change) {
            change(tensor);
            return tensor;
        };
        using T = ConstTensor;
        refused(with(two.key, [](T& t) { t.width += 1; }), two.value, Status::bad_shape, 1);
        refused(with(two.key, [](T& t) { t.heads += 1; }), two.value, Status::bad_shape, 1);
        refused(with(two.key, [](T& t) { t.batches = 2; }), two.value, Status::bad_shape, 1);
        refused(with(two.key, [](T& t) { t.tokens = -1; }), two.value, Status::bad_shape, 1);
        refused(with(two.key, [](T& t) { t.token_stride = -1; }), two.value, Status::bad_shape, 1);
        refused(two.key, with(two.value, [](T& t) { t.width += 1; }), Status::bad_shape, 2);
        refused(two.key, with(two.value, [](T& t) { t.tokens = 1; }), Status::bad_shape, 2);
        refused(with(two.key, [](T& t) { t.data = t.data.first(t.data.size() - 1); }), two.value,
                Status::too_small, 1);
        refused(two.key, with(two.value, [](T& t) { t.data = t.data.first(t.data.size() - 1); }),
                Status::too_small, 2);

        const auto* const inside = reinterpret_cast<const float*>(pair.state.span().data());
        const std::span<const float> last(inside + state_bytes(shape) / 4 - two.keys.size(),
                                          two.keys.size());
        refused(with(two.key, [&](T& t) { t.data = last; }), two.value, Status::overlap, 1);
        const std::span<const float> header(inside, two.values.size());
        refused(two.key, with(two.value, [&](T& t) { t.data = header; }), Status::overlap, 2);
        if (shape.window > 0) {
            const Ones five(shape, 5);
            refused(five.key, five.value, Status::bad_shape, 1);
        }
    }
}

TEST_CASE("kv_cache: clear zeroes the header, and all-zero bytes are an empty cache") {
    CachePair pair(small);
    Random random(3);
    REQUIRE(pair.append(17, random).ok());
    pair.clear();
    CHECK(pair.cache.size() == 0);
    const std::vector<std::byte> zeros(64);
    CHECK(std::memcmp(pair.state.span().data(), zeros.data(), 64) == 0);
    CHECK(pair.cache.is_open());
    CHECK(pair.append(20, random).ok());
    CHECK(pair.model.matches(pair.cache));
}

TEST_CASE(
    "kv_cache: a state that was copied or moved byte by byte goes on as if nothing had happened") {
    for (const CacheShape& shape : {small, small_ring}) {
        CachePair pair(shape);
        Random random(4);
        for (int i = 0; i < 3; ++i) REQUIRE(pair.append(4, random).ok());
        Arena elsewhere(state_bytes(shape), 128, 0x5a);
        std::memcpy(elsewhere.span().data(), pair.state.span().data(), state_bytes(shape));
        std::memset(pair.state.span().data(), 0xff, state_bytes(shape));
        REQUIRE(pair.cache.open(shape, elsewhere.span()).status == Status::ok);
        CHECK(pair.model.matches(pair.cache));
        REQUIRE(pair.append(4, random).ok());
        CHECK(pair.model.matches(pair.cache));
    }
}

TEST_CASE("kv_cache: copy_from takes the slots in use, for rings too") {
    for (int i = 0; i < repeats(100); ++i) {
        Random random(300 + static_cast<std::uint64_t>(i));
        CachePair from(random_cache_shape(i % 2 == 1, random)), to(from.shape);
        const bool ring = from.shape.window > 0;
        const std::int64_t most = ring ? from.shape.max_queries : from.shape.max_keys / 4;
        for (int n = 0; n < 4; ++n) REQUIRE(from.append(random.between(0, most), random).ok());
        std::memset(to.state.span().data() + 64, 0x11, to.state.span().size() - 64);
        const std::uint64_t source = hash_bytes(from.state.span());
        REQUIRE(to.cache.copy_from(from.cache).status == Status::ok);
        CHECK(from.model.matches(to.cache));
        CHECK(hash_bytes(from.state.span()) == source);
        CHECK(to.state.intact());

        // From here on the two go their own ways.
        to.model = from.model;
        if (!ring) {
            REQUIRE(to.cache.truncate(to.cache.size() / 2).ok());
            to.model.truncate(to.cache.size());
        }
        REQUIRE(to.append(ring ? most : 1, random).ok());
        CHECK(to.model.matches(to.cache));
        CHECK(hash_bytes(from.state.span()) == source);
    }
    CachePair one(small), other(small_ring);
    const Result result = one.cache.copy_from(other.cache);
    CHECK(result.status == Status::bad_shape);
    CHECK(result.argument == 1);
    CHECK(one.cache.copy_from(one.cache).ok());
}

}  // namespace
}  // namespace headroom::test
