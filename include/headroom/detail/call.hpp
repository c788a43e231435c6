// Internal: how attend() and the layers pass their arguments on as plain values. Nothing here is
// part of the API.
//
// A feature enters by type: only its set_feature() names its kernel and only check_of its check, so
// a program that never passes the feature links neither.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <headroom/features.hpp>
#include <headroom/kv_cache.hpp>
#include <headroom/options.hpp>
#include <headroom/port.hpp>
#include <headroom/status.hpp>
#include <headroom/tensor.hpp>

namespace headroom::detail {

struct Tile;     // src/kernels/tile.hpp
struct TileRow;  // src/kernels/tile.hpp
struct Scores;   // src/kernels/tile.hpp
struct Plan;     // src/attention/plan.hpp
struct AttendCall;

using ScoreStep = void (*)(const Tile& tile, const Scores& scores) noexcept;
using FinishTile = bool (*)(const Tile& tile) noexcept;
using ObserveTile = void (*)(Tile& tile) noexcept;
using NarrowRow = bool (*)(const Tile& tile, TileRow& row) noexcept;
using WholeCall = void (*)(const AttendCall& call) noexcept;
using CheckFeature = Status (*)(const AttendCall& call) noexcept;

struct Features {
    // Checks [count]: i is that of argument first_argument + i, null if it has none. They end with
    // the last feature that attend() itself acts upon: 0 says that there is none, whatever a layer
    // does before.
    const CheckFeature* checks = nullptr;
    std::uint8_t count = 0;
    std::uint8_t first_argument = 0;
    std::uint8_t extra_key_argument = 0;

    bool zero_key = false;
    const Softcap* softcap = nullptr;
    const Alibi* alibi = nullptr;
    const ScoreBias* bias = nullptr;
    const BoolMask* mask = nullptr;
    const SinkLogits* sinks = nullptr;
    const ExtraKey* extra_key = nullptr;
    const HeadMask* heads = nullptr;
    const WeightsCallback* weights = nullptr;
    const Statistics* statistics = nullptr;
    const Executor* executor = nullptr;

    ScoreStep softcap_step = nullptr;
    ScoreStep alibi_step = nullptr;
    ScoreStep bias_step = nullptr;
    ScoreStep mask_step = nullptr;
    NarrowRow narrow_row = nullptr;
    FinishTile finish_tile = nullptr;
    ObserveTile observe_tile = nullptr;
    WholeCall observe_weights = nullptr;
    WholeCall observe_statistics = nullptr;
    WholeCall attend_apart = nullptr;
};

inline constexpr ConstTensor no_tensor{};
inline constexpr Features no_features{};

// What a cache holds: `stored` tokens, of which a ring has overwritten [lost_begin, lost_end).
struct CacheTokens {
    std::int64_t stored, lost_begin, lost_end;
};

// What only a call on a cache needs; like a feature, it is linked by whoever has one.
struct CacheCode {
    void (*place)(const KvCache& cache, Plan& plan) noexcept;
    CacheTokens (*tokens)(const KvCache& cache) noexcept;
    Status (*check_ring)(const AttendCall& call) noexcept;
};
extern const CacheCode cache_code;

// A cache or none, with its code.
class CacheOf {
public:
    constexpr CacheOf(std::nullptr_t) noexcept {}
    CacheOf(const KvCache* cache) noexcept
        : cache_(cache), code_(cache != nullptr ? &cache_code : nullptr) {}

    const KvCache* operator->() const noexcept { return cache_; }
    const KvCache& operator*() const noexcept { return *cache_; }
    bool operator==(std::nullptr_t) const noexcept { return cache_ == nullptr; }
    const CacheCode& code() const noexcept { return *code_; }

private:
    const KvCache* cache_ = nullptr;
    const CacheCode* code_ = nullptr;
};

// Refers to what the caller passed: to copy it would be a twentieth of the smallest call.
struct AttendCall {
    const Port& port;
    const ConstTensor& query;
    const ConstTensor& key;  // no_tensor if there is a cache
    const ConstTensor& value;
    CacheOf cache;  // null: key and value are given
    const Tensor& out;
    std::span<std::byte> scratch;
    const Attention& how;
    const Features& features;
    // A layer cuts a long call into slices; masks, callbacks and statistics count from the call's
    // first query.
    Index first_query = 0;
    std::span<const std::byte> weights = {};  // of a layer: nothing may be written there
    std::int64_t more_keys = 0;  // that the cache will hold by the time the queries attend
    bool first_slice = true;
    bool last_slice = true;
};

Result attend(const AttendCall& call) noexcept;
void attend_unchecked(const AttendCall& call) noexcept;

// The kernels and checks of each feature; each in its own translation unit.
ScoreStep softcap_step(const Port& port) noexcept;
ScoreStep alibi_step(const Port& port) noexcept;
FinishTile finish_tile(const Port& port) noexcept;
ObserveTile observe_tile(const Port& port) noexcept;
void bias_step(const Tile& tile, const Scores& scores) noexcept;
void mask_step(const Tile& tile, const Scores& scores) noexcept;
bool narrow_row(const Tile& tile, TileRow& row) noexcept;
void observe_weights(const AttendCall& call) noexcept;
void observe_statistics(const AttendCall& call) noexcept;
void attend_apart(const AttendCall& call) noexcept;  // tile by tile on the executor
Status check_softcap(const AttendCall& call) noexcept;
Status check_alibi(const AttendCall& call) noexcept;
Status check_bias(const AttendCall& call) noexcept;
Status check_mask(const AttendCall& call) noexcept;
Status check_sinks(const AttendCall& call) noexcept;
Status check_extra_key(const AttendCall& call) noexcept;
Status check_heads(const AttendCall& call) noexcept;
Status check_callback(const AttendCall& call) noexcept;
Status check_statistics(const AttendCall& call) noexcept;
Status check_executor(const AttendCall& call) noexcept;

// The check of a feature; null if it has none.
template <class Feature>
inline constexpr CheckFeature check_of = nullptr;
template <>
inline constexpr CheckFeature check_of<Softcap> = check_softcap;
template <>
inline constexpr CheckFeature check_of<Alibi> = check_alibi;
template <>
inline constexpr CheckFeature check_of<ScoreBias> = check_bias;
template <>
inline constexpr CheckFeature check_of<BoolMask> = check_mask;
template <>
inline constexpr CheckFeature check_of<SinkLogits> = check_sinks;
template <>
inline constexpr CheckFeature check_of<ExtraKey> = check_extra_key;
template <>
inline constexpr CheckFeature check_of<HeadMask> = check_heads;
template <>
inline constexpr CheckFeature check_of<WeightsCallback> = check_callback;
template <>
inline constexpr CheckFeature check_of<Statistics> = check_statistics;
template <>
inline constexpr CheckFeature check_of<Executor> = check_executor;

inline void set_feature(Features& to, const Port& port, std::uint8_t,
                        const Softcap& feature) noexcept {
    to.softcap = &feature;
    to.softcap_step = softcap_step(port);
}
inline void set_feature(Features& to, const Port& port, std::uint8_t,
                        const Alibi& feature) noexcept {
    to.alibi = &feature;
    to.alibi_step = alibi_step(port);
}
inline void set_feature(Features& to, const Port&, std::uint8_t,
                        const ScoreBias& feature) noexcept {
    to.bias = &feature;
    to.bias_step = bias_step;
}
inline void set_feature(Features& to, const Port&, std::uint8_t, const BoolMask& feature) noexcept {
    to.mask = &feature;
    to.mask_step = mask_step;
    to.narrow_row = narrow_row;
}
inline void set_feature(Features& to, const Port& port, std::uint8_t,
                        const SinkLogits& feature) noexcept {
    to.sinks = &feature;
    to.finish_tile = finish_tile(port);
}
inline void set_feature(Features& to, const Port& port, std::uint8_t at,
                        const ExtraKey& feature) noexcept {
    to.extra_key = &feature;
    to.extra_key_argument = at;
    to.finish_tile = finish_tile(port);
}
inline void set_feature(Features& to, const Port& port, std::uint8_t, const ZeroKey&) noexcept {
    to.zero_key = true;
    to.finish_tile = finish_tile(port);
}
inline void set_feature(Features& to, const Port&, std::uint8_t, const HeadMask& feature) noexcept {
    to.heads = &feature;
}
inline void set_feature(Features& to, const Port& port, std::uint8_t,
                        const WeightsCallback& feature) noexcept {
    to.weights = &feature;
    to.observe_tile = observe_tile(port);
    to.observe_weights = observe_weights;
}
inline void set_feature(Features& to, const Port& port, std::uint8_t,
                        const Statistics& feature) noexcept {
    to.statistics = &feature;
    to.observe_tile = observe_tile(port);
    to.observe_statistics = observe_statistics;
}
inline void set_feature(Features& to, const Port&, std::uint8_t, const Executor& feature) noexcept {
    to.executor = &feature;
    to.attend_apart = attend_apart;
}

}  // namespace headroom::detail
