// One call of attend with everything it points to, drawn at random: any sizes, layouts and
// features.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <headroom/attention.hpp>

#include "support/memory.hpp"
#include "support/random.hpp"

namespace headroom::test {

struct Sizes {
    Index batches = 1, queries = 1, keys = 1, heads = 1, kv_heads = 1, key_width = 1,
          value_width = 1;

    /// Small, with a liking for 1 and for the edges of lanes (16) and blocks (128 keys).
    static Sizes random(Random& random, Index most_queries = 20, Index most_keys = 40) {
        Sizes s;
        s.batches = random.pick<Index>({1, 1, 2, 3});
        s.queries = random.chance(0.2) ? 1 : random.between(1, most_queries);
        s.keys =
            random.chance(0.1) ? random.pick<Index>({0, 1, 16, 17}) : random.between(1, most_keys);
        if (random.chance(0.05)) s.keys = random.pick<Index>({127, 128, 129, 257, 300});
        s.kv_heads = random.pick<Index>({1, 1, 2, 3});
        s.heads = s.kv_heads * random.pick<Index>({1, 1, 2, 3, 5});
        s.key_width = random.chance(0.1) ? 1 : random.between(1, 24);
        s.value_width = random.chance(0.3) ? s.key_width : random.between(1, 36);
        return s;
    }
};

/// A mask and its memory, which ends with the last element that the call addresses.
template <class T>
struct MaskField {
    Mask<T> view;
    std::unique_ptr<T[]> memory;

    /// Any order of the four dimensions, each of which may be broadcast. A mask may be shorter than
    /// the keys, or longer.
    template <class Draw>
    static MaskField random(Random& random, const Sizes& s, Draw draw) {
        MaskField field;
        field.view.keys = random.chance(0.8) ? s.keys : random.between(0, s.keys + 2);
        const Index addressed = std::min(field.view.keys, s.keys);
        const std::array<Index, 4> sizes{s.batches, s.heads, s.queries, addressed};
        std::array<Index, 4> order{3, 2, 1, 0}, strides{};  // from the innermost outwards
        if (random.chance(0.3)) random.shuffle(std::span<Index>(order));
        Index step = 1;
        for (const Index dimension : order) {
            const auto d = static_cast<std::size_t>(dimension);
            if (random.chance(d == 3 ? 0.1 : 0.4)) continue;  // broadcast: stride 0
            strides[d] = step;
            step = step * std::max<Index>(sizes[d], 1) +
                   (random.chance(0.2) ? random.between(0, 3) : 0);
        }
        Index used = 1;
        for (std::size_t d = 0; d < 4; ++d) used += (sizes[d] - 1) * strides[d];
        if (addressed == 0) used = 0;
        const auto count = static_cast<std::size_t>(used);
        field.memory = std::make_unique<T[]>(count);
        for (std::size_t i = 0; i < count; ++i) field.memory[i] = draw(random);
        field.view.data = {field.memory.get(), count};
        field.view.batch_stride = strides[0];
        field.view.head_stride = strides[1];
        field.view.query_stride = strides[2];
        field.view.key_stride = strides[3];
        return field;
    }

    T at(Index b, Index h, Index i, Index j) const {
        return view.data[static_cast<std::size_t>(b * view.batch_stride + h * view.head_stride +
                                                  i * view.query_stride + j * view.key_stride)];
    }
};

/// Spans that own their elements (std::vector<bool> is no array).
template <class T>
struct Array {
    std::unique_ptr<T[]> memory;
    std::size_t count = 0;
    Array() = default;
    explicit Array(Index n)
        : memory(std::make_unique<T[]>(static_cast<std::size_t>(n))),
          count(static_cast<std::size_t>(n)) {}
    std::span<T> span() const { return {memory.get(), count}; }
    T& operator[](Index i) const { return memory[static_cast<std::size_t>(i)]; }
};

struct Problem {
    Sizes sizes;
    Field query, key, value, out;  // out: its layout only
    Attention how;
    Array<std::int64_t> valid_keys, first_positions;
    Array<float> slopes, sink_logits, extra_key, extra_value;
    Array<bool> kept_heads;
    MaskField<float> bias_field;
    MaskField<bool> mask_field;

    std::optional<Softcap> softcap;
    std::optional<Alibi> alibi;
    std::optional<ScoreBias> bias;
    std::optional<BoolMask> mask;
    std::optional<SinkLogits> sinks;
    std::optional<ExtraKey> extra;
    std::optional<ZeroKey> zero;
    std::optional<HeadMask> heads;

    Index kv_head(Index head) const { return head / (sizes.heads / sizes.kv_heads); }
    std::int64_t position(Index batch, Index query_index) const {
        return (how.first_positions.empty() ? how.first_position : first_positions[batch]) +
               query_index;
    }
    std::int64_t length(Index batch) const {
        return how.valid_keys.empty() ? sizes.keys : valid_keys[batch];
    }
};

inline Attention random_options(Random& random, const Sizes& s) {
    Attention how;
    if (random.chance(0.5)) how.scale = random.pick({0.05f, 0.125f, 0.3f, 1.0f, -0.25f});
    how.causal = random.chance(0.5);
    if (random.chance(0.6))
        how.first_position = random.pick<std::int64_t>({0, s.keys - s.queries});
    else
        how.first_position = random.between(-s.queries - 3, s.keys + 3);
    if (random.chance(0.02))
        how.first_position = random.pick<std::int64_t>({-(1LL << 60), 1LL << 60});
    if (random.chance(0.4)) how.window_left = random.between(0, s.keys + 1);
    if (random.chance(0.3)) how.window_right = random.between(0, s.keys + 1);
    if (random.chance(0.02)) how.window_left = std::numeric_limits<std::int64_t>::max();
    if (random.chance(0.02)) how.window_right = std::numeric_limits<std::int64_t>::max();
    if (random.chance(0.3)) how.sink_tokens = random.between(1, s.keys / 2 + 1);
    if (random.chance(0.02)) how.sink_tokens = std::numeric_limits<std::int64_t>::max();
    return how;
}

/// Each feature is drawn with `feature_share`; 0 leaves plain attention with causal, windows and
/// lengths.
inline Problem random_problem(Random& random, const Sizes& s, double feature_share = 0.25,
                              bool repeat = true) {
    const auto some = [&] { return random.chance(feature_share); };
    Problem p;
    p.sizes = s;
    p.query = Field::random(random, s.batches, s.queries, s.heads, s.key_width, repeat);
    p.key = Field::random(random, s.batches, s.keys, s.kv_heads, s.key_width, repeat);
    p.value = Field::random(random, s.batches, s.keys, s.kv_heads, s.value_width, repeat);
    p.out = Field::random(random, s.batches, s.queries, s.heads, s.value_width);
    p.query.fill(random, random.chance(0.1) ? 10.0 : 1.0);
    p.key.fill(random);
    p.value.fill(random);
    p.how = random_options(random, s);
    if (random.chance(0.3)) {
        p.valid_keys = Array<std::int64_t>(s.batches);
        for (auto& n : p.valid_keys.span()) n = random.between(0, s.keys);
        p.how.valid_keys = p.valid_keys.span();
    }
    if (random.chance(0.2)) {
        p.first_positions = Array<std::int64_t>(s.batches);
        for (auto& n : p.first_positions.span()) n = random.between(-s.queries - 2, s.keys + 2);
        p.how.first_positions = p.first_positions.span();
    }
    const auto floats = [&](Index n, double deviation) {
        Array<float> a(n);
        random.fill(a.span(), deviation);
        return a;
    };
    if (some()) p.softcap = Softcap{random.pick({0.5f, 2.0f, 30.0f})};
    if (some()) p.alibi = Alibi{(p.slopes = floats(s.heads, 0.3)).span()};
    if (some()) {
        p.bias_field = MaskField<float>::random(random, s, [](Random& r) {
            return r.chance(0.2) ? -std::numeric_limits<float>::infinity() : r.normal();
        });
        p.bias = ScoreBias{p.bias_field.view};
    }
    if (some()) {
        p.mask_field = MaskField<bool>::random(random, s, [](Random& r) { return r.chance(0.7); });
        p.mask = BoolMask{p.mask_field.view};
    }
    if (some()) p.sinks = SinkLogits{(p.sink_logits = floats(s.heads, 2.0)).span()};
    if (some()) {
        p.extra_key = floats(s.kv_heads * s.key_width, 1.0);
        p.extra_value = floats(s.kv_heads * s.value_width, 1.0);
        p.extra = ExtraKey{p.extra_key.span(), p.extra_value.span()};
    }
    if (some()) p.zero = ZeroKey{};
    if (random.chance(feature_share / 2)) {
        p.kept_heads = Array<bool>(s.heads);
        for (bool& keep : p.kept_heads.span()) keep = random.chance(0.7);
        p.heads = HeadMask{p.kept_heads.span()};
    }
    return p;
}

/// For INFO: what a failing case was.
inline std::string describe(const Problem& p) {
    const Sizes& s = p.sizes;
    const Attention& a = p.how;
    std::ostringstream text;
    text << "batches " << s.batches << " queries " << s.queries << " keys " << s.keys << " heads "
         << s.heads << "/" << s.kv_heads << " widths " << s.key_width << "," << s.value_width
         << " scale " << a.scale << (a.causal ? " causal" : "") << " first " << a.first_position
         << " window " << a.window_left << "," << a.window_right << " sink tokens " << a.sink_tokens
         << (a.valid_keys.empty() ? "" : " lengths") << (a.first_positions.empty() ? "" : " firsts")
         << (p.softcap ? " softcap" : "") << (p.alibi ? " alibi" : "") << (p.bias ? " bias" : "")
         << (p.mask ? " mask" : "") << (p.sinks ? " sinks" : "") << (p.extra ? " extra" : "")
         << (p.zero ? " zero" : "") << (p.heads ? " heads" : "");
    return text.str();
}

}  // namespace headroom::test
