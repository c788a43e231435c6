// Attention in a self-test: both layouts of a tile, on tensors and on a ring, with and without a
// NaN behind a mask, within one block of keys and across two.
#include "attention/self_test.hpp"

#include "attention/memory.hpp"

namespace headroom::detail {
namespace {

// Where each tensor's window on the inputs starts and how it moves on. Keys and values of 133
// tokens fit, and the last element of the last value is nobody else's: it can be poisoned.
constexpr Index kQueryStep = 7, kQueryHead = 50, kKeyStep = 3, kValueStep = 2;
constexpr std::size_t kKeys = 31, kValues = 200;
constexpr Index kCacheStep = 3;
constexpr std::size_t kCacheValues = 90;

ConstTensor window(std::span<const float> numbers, Index tokens, Index heads, Index width,
                   Index token_step, Index head_step) noexcept {
    return {numbers, 1, tokens, heads, width, 0, token_step, head_step};
}

Tensor outputs(const SelfTest& test, const SelfTestCase& of) noexcept {
    return token_major(outputs_of(test), of.queries, of.heads, of.value_width);
}

Attention attention(const SelfTestCase& of) noexcept {
    Attention how;
    how.causal = of.causal;
    how.first_position = of.first_position;
    how.window_left = of.window_left;
    how.sink_tokens = of.sink_tokens;
    return how;
}

std::uint32_t mix_call(std::uint32_t hash, const SelfTest& test, const SelfTestCase& of,
                       const ConstTensor& key, const ConstTensor& value, CacheOf cache,
                       const Features& features) noexcept {
    const ConstTensor query =
        window(numbers_of(test), of.queries, of.heads, of.key_width, kQueryStep, kQueryHead);
    const Tensor out = outputs(test, of);
    const Attention how = attention(of);
    const Result r =
        attend({test.port, query, key, value, cache, out, tile_of(test), how, features});
    const auto written = static_cast<std::size_t>(of.queries * of.heads * of.value_width);
    return mix(mix(hash, static_cast<std::uint32_t>(r.status)), out.data.first(written));
}

// Sixteen of everything; few keys; many rows and one, that see the first tokens and a window across
// two blocks, in which some maxima grow; a value that some rows must not see, among many rows and
// among few.
constexpr SelfTestCase kTensors[] = {
    {16, 1, 16, 16, 16, 0, false, -1, 0, false}, {5, 2, 10, 9, 21, 0, false, -1, 0, false},
    {6, 2, 133, 9, 21, 127, true, 12, 3, false}, {1, 2, 133, 9, 21, 132, true, 70, 3, false},
    {6, 2, 20, 9, 21, 14, true, -1, 0, true},    {2, 1, 20, 9, 21, 18, true, -1, 0, true},
};

constexpr SelfTestCase kCached[] = {
    {4, 2, 0, 5, 6, 128, true, 39, 3, false},
    {1, 2, 0, 5, 6, 131, true, 39, 3, false},
    {4, 2, 0, 5, 6, 132, true, 39, 3, true},
};

// Appends tokens to the cache until there are `tokens`.
Status append_until(const SelfTest& test, KvCache& cache, Index tokens) noexcept {
    const Index step = self_test_cache.max_queries;
    for (auto t = static_cast<Index>(cache.size()); t < tokens; t += step) {
        const auto part = [&](std::size_t first, int width) {
            const auto start = first + static_cast<std::size_t>(t * kCacheStep);
            return window(numbers_of(test, start), step, 1, width, kCacheStep, 0);
        };
        const Result r = cache.append(part(kKeys, self_test_cache.key_width),
                                      part(kCacheValues, self_test_cache.value_width));
        if (!r.ok()) return r.status;
    }
    return Status::ok;
}

// The last element of the last of `tokens` values while this lives.
class Poison {
public:
    Poison(float& element, bool poisoned) noexcept : element_(element), before_(element) {
        if (poisoned) element_ = __builtin_nanf("");
    }
    ~Poison() { element_ = before_; }
    Poison(const Poison&) = delete;
    Poison& operator=(const Poison&) = delete;

private:
    float& element_;
    float before_;
};

float& last_value(const SelfTest& test, std::size_t first, Index tokens, Index step,
                  Index width) noexcept {
    return numbers_of(test)[first + static_cast<std::size_t>((tokens - 1) * step + width - 1)];
}

}  // namespace

std::uint32_t mix_attention(std::uint32_t hash, const SelfTest& test, const SelfTestCase& of,
                            const Features& features) noexcept {
    const Poison poison(last_value(test, kValues, of.keys, kValueStep, of.value_width),
                        of.poisoned);
    return mix_call(hash, test, of,
                    window(numbers_of(test, kKeys), of.keys, 1, of.key_width, kKeyStep, 0),
                    window(numbers_of(test, kValues), of.keys, 1, of.value_width, kValueStep, 0),
                    nullptr, features);
}

std::uint32_t hash_tensors(const SelfTest& test) noexcept {
    std::uint32_t hash = 0;
    for (const SelfTestCase& of : kTensors) hash = mix_attention(hash, test, of, no_features);
    return hash;
}

std::uint32_t hash_cache(const SelfTest& test) noexcept {
    const auto state = test.scratch.subspan(self_test_attend, state_bytes(self_test_cache));
    for (std::byte& b : state.first(header_bytes)) b = {};
    KvCache cache;
    std::uint32_t hash =
        mix(0, static_cast<std::uint32_t>(cache.open(self_test_cache, state).status));
    for (const SelfTestCase& of : kCached) {
        const Index tokens = of.first_position / 4 * 4 + 4;
        const Poison poison(last_value(test, kCacheValues, tokens, kCacheStep, of.value_width),
                            of.poisoned);
        hash = mix(hash, static_cast<std::uint32_t>(append_until(test, cache, tokens)));
        hash = mix_call(hash, test, of, no_tensor, no_tensor, &cache, no_features);
    }
    return hash;
}

// One query and one key: the weight is 1, and the output is the value.
std::uint32_t vector_subnormals(const SelfTest& test) noexcept {
    if (test.port.flushes_subnormals) return 1;
    constexpr SelfTestCase one{1, 1, 1, 1, 20, 0, false, -1, 0, false};
    const auto out = outputs_of(test), values = out.subspan(one.value_width, one.value_width);
    for (std::uint32_t i = 0; i < one.value_width; ++i) {
        const std::uint32_t word = 0x00400000u >> i | (i & 1) << 31;
        __builtin_memcpy(&values[i], &word, sizeof word);
    }
    const std::uint32_t kept = mix(mix(0, 0), values);
    return mix_call(0, test, one, window(numbers_of(test, kKeys), 1, 1, 1, 1, 1),
                    window(values, 1, 1, one.value_width, one.value_width, 0), nullptr,
                    no_features) == kept;
}

}  // namespace headroom::detail
