// The features of attention in a self-test, one by one: each on many rows and on one, since the two
// lay their scores out differently.
#include "attention/self_test.hpp"

namespace headroom::detail {
namespace {

constexpr Index kHeads = 2, kKeys = 20, kKeyWidth = 9, kValueWidth = 21;
constexpr SelfTestCase kCases[] = {
    {6, kHeads, kKeys, kKeyWidth, kValueWidth, 14, true, -1, 0, false},
    {1, kHeads, kKeys, kKeyWidth, kValueWidth, 19, true, -1, 0, false},
};

template <class Feature>
std::uint32_t hash_feature(const SelfTest& test, const Feature& feature) noexcept {
    const BoundFeatures<Feature> bound(test.port, 0, feature);
    std::uint32_t hash = 0;
    for (const SelfTestCase& of : kCases) hash = mix_attention(hash, test, of, bound.features);
    return hash;
}

std::span<const float> some(const SelfTest& test, std::size_t first, Index count) noexcept {
    return numbers_of(test, first).first(static_cast<std::size_t>(count));
}

// Pieces of different rows come in no order, so their hashes are added.
void add_shown(void* context, const WeightsBlock& block) {
    const Index row = block.query * kHeads + block.head;
    auto at = static_cast<std::uint32_t>(row * kKeys + static_cast<Index>(block.first_key));
    auto& sum = *static_cast<std::uint32_t*>(context);
    for (const float& weight : block.values) sum += mix(++at, std::span(&weight, 1));
}

}  // namespace

std::uint32_t hash_softcap(const SelfTest& test) noexcept {
    return hash_feature(test, Softcap{1.5f});
}
std::uint32_t hash_alibi(const SelfTest& test) noexcept {
    return hash_feature(test, Alibi{some(test, 3, kHeads)});
}
std::uint32_t hash_score_bias(const SelfTest& test) noexcept {
    return hash_feature(test, ScoreBias{{numbers_of(test, 64), kKeys, 0, 11, 13, 1}});
}
std::uint32_t hash_bool_mask(const SelfTest& test) noexcept {
    // Every fifth key is hidden, another one from each query and head. Local: GCC puts a feature
    // that points to a constant into writable data.
    bool visible[32];
    for (int i = 0; i < 32; ++i) visible[i] = i % 5 != 0;
    return hash_feature(test, BoolMask{{visible, kKeys, 0, 1, 2, 1}});
}
std::uint32_t hash_sink_logits(const SelfTest& test) noexcept {
    return hash_feature(test, SinkLogits{some(test, 5, kHeads)});
}
std::uint32_t hash_extra_key(const SelfTest& test) noexcept {
    return hash_feature(test, ExtraKey{some(test, 300, kKeyWidth), some(test, 320, kValueWidth)});
}
std::uint32_t hash_zero_key(const SelfTest& test) noexcept { return hash_feature(test, ZeroKey{}); }
std::uint32_t hash_head_mask(const SelfTest& test) noexcept {
    const bool keep[kHeads] = {false, true};
    return hash_feature(test, HeadMask{keep});
}

std::uint32_t hash_weights(const SelfTest& test) noexcept {
    std::uint32_t hash = 0;
    for (const Stage stage : {Stage::raw, Stage::softmax}) {
        std::uint32_t sum = 0;
        hash = mix(hash, hash_feature(test, WeightsCallback{stage, &sum, add_shown}));
        hash = mix(hash, sum);
    }
    return hash;
}

std::uint32_t hash_statistics(const SelfTest& test) noexcept {
    HeadStatistics heads[kHeads];
    std::uint32_t hash = hash_feature(test, Statistics{heads});
    for (const HeadStatistics& head : heads) {
        hash = mix(mix(hash, static_cast<std::uint32_t>(head.rows)), std::span(&head.entropy, 1));
        hash = mix(mix(hash, std::span(&head.largest_weight, 1)),
                   static_cast<std::uint32_t>(head.query));
        hash = mix(hash, static_cast<std::uint32_t>(head.key));
    }
    return hash;
}

}  // namespace headroom::detail
