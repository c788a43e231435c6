// Internal: the parts of a self-test, and what each must give. Nothing here is part of the API.
//
// Each part is a function of its own, named only by the type that stands for it: a program that
// does not name the type links neither the function nor the kernels that it calls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <headroom/attention.hpp>
#include <headroom/features.hpp>
#include <headroom/kv_cache.hpp>
#include <headroom/multi_head_attention.hpp>
#include <headroom/rotary.hpp>
#include <headroom/self_test_part.hpp>

namespace headroom {

template <class... Parts>
struct Configuration;

namespace detail {

// Scratch of a self-test:
//
//   numbers   f32 [512]   the inputs of all parts: tensors are windows on it that overlap
//   outputs   f32 [256]   the rest where a part needs it
//   tile      of attend()
//   state     of a cache
struct SelfTest {
    const Port& port;
    std::span<std::byte> scratch;
};

inline constexpr std::size_t self_test_numbers = 512 * sizeof(float);
inline constexpr std::size_t self_test_outputs = 256 * sizeof(float);
inline constexpr AttendShape self_test_shape{16, 1, 1, 16, 1};
inline constexpr std::size_t self_test_tile = scratch_bytes(self_test_shape);
// Five panels: a ring that has gone round nearly twice when its last query attends.
inline constexpr CacheShape self_test_cache{1, 5, 6, 0, 40, 3, 4};

inline constexpr std::size_t self_test_small = self_test_numbers + 2 * self_test_outputs;
inline constexpr std::size_t self_test_attend =
    self_test_numbers + self_test_outputs + self_test_tile;
inline constexpr std::size_t self_test_cached = self_test_attend + state_bytes(self_test_cache);

// Arguments, rounding mode and subnormal numbers; fills in the inputs.
Result begin_self_test(const SelfTest& test, std::size_t bytes) noexcept;

// Whether a port that is said to keep subnormal numbers does: 1 if so.
std::uint32_t vector_subnormals(const SelfTest& test) noexcept;

// One hash of all output bits of a part.
std::uint32_t hash_tensors(const SelfTest& test) noexcept;
std::uint32_t hash_cache(const SelfTest& test) noexcept;
std::uint32_t hash_projections(const SelfTest& test) noexcept;
std::uint32_t hash_rotation(const SelfTest& test) noexcept;
std::uint32_t hash_rotary(const SelfTest& test) noexcept;
std::uint32_t hash_softcap(const SelfTest& test) noexcept;
std::uint32_t hash_alibi(const SelfTest& test) noexcept;
std::uint32_t hash_score_bias(const SelfTest& test) noexcept;
std::uint32_t hash_bool_mask(const SelfTest& test) noexcept;
std::uint32_t hash_sink_logits(const SelfTest& test) noexcept;
std::uint32_t hash_extra_key(const SelfTest& test) noexcept;
std::uint32_t hash_zero_key(const SelfTest& test) noexcept;
std::uint32_t hash_head_mask(const SelfTest& test) noexcept;
std::uint32_t hash_weights(const SelfTest& test) noexcept;
std::uint32_t hash_statistics(const SelfTest& test) noexcept;

template <SelfTestPart Part, std::size_t Bytes, std::uint32_t (*Hash)(const SelfTest&) noexcept,
          std::uint32_t Golden, Status Failure = Status::bad_checksum>
struct SelfTestEntry {
    static constexpr std::size_t bytes = Bytes;
    static Result check(const SelfTest& test) noexcept {
        return Hash(test) == Golden ? Result{} : Result{Failure, static_cast<std::uint8_t>(Part)};
    }
};

// Several parts, one after the other; the first that fails is the result.
template <class... Entries>
struct SelfTestAll {
    static constexpr std::size_t bytes = [] {
        std::size_t most = self_test_numbers;
        ((most = Entries::bytes > most ? Entries::bytes : most), ...);
        return most;
    }();
    static Result check([[maybe_unused]] const SelfTest& test) noexcept {
        Result result;
        static_cast<void>(((result = Entries::check(test)).ok() && ...));
        return result;
    }
};

// The hash of each part's outputs on every port. They belong to numerics_version: they change with
// it and never otherwise. tests/test_self_test.cpp prints those of the scalar port where they
// differ.
inline constexpr int self_test_numerics = 1;
struct SelfTestGolden {
    static constexpr std::uint32_t tensors = 0x2bc41954;
    static constexpr std::uint32_t cache = 0x262785e4;
    static constexpr std::uint32_t projections = 0xe3eb6d53;
    static constexpr std::uint32_t softcap = 0xe7effd65;
    static constexpr std::uint32_t alibi = 0x9703f516;
    static constexpr std::uint32_t score_bias = 0xc4bac1da;
    static constexpr std::uint32_t bool_mask = 0xa869b86f;
    static constexpr std::uint32_t sink_logits = 0x19de0f22;
    static constexpr std::uint32_t extra_key = 0xed8ec8b7;
    static constexpr std::uint32_t zero_key = 0x4801ca16;
    static constexpr std::uint32_t head_mask = 0xddd6bf91;
    static constexpr std::uint32_t weights = 0x522ad563;
    static constexpr std::uint32_t statistics = 0xcbc4e3a1;
    static constexpr std::uint32_t rotation = 0xdf9dbc4c;
    static constexpr std::uint32_t rotary = 0xf7241c50;
};

// What each type stands for.
template <class Part>
struct SelfTestOf;

using VectorSubnormals = SelfTestEntry<SelfTestPart::subnormals, self_test_attend,
                                       vector_subnormals, 1, Status::bad_state>;
template <>
struct SelfTestOf<AttendTensors>
    : SelfTestAll<VectorSubnormals, SelfTestEntry<SelfTestPart::attend_tensors, self_test_attend,
                                                  hash_tensors, SelfTestGolden::tensors>> {};
template <>
struct SelfTestOf<AttendCache>
    : SelfTestAll<VectorSubnormals, SelfTestEntry<SelfTestPart::attend_cache, self_test_cached,
                                                  hash_cache, SelfTestGolden::cache>> {};
template <>
struct SelfTestOf<Projections> : SelfTestEntry<SelfTestPart::projections, self_test_small,
                                               hash_projections, SelfTestGolden::projections> {};
template <>
struct SelfTestOf<Softcap> : SelfTestEntry<SelfTestPart::softcap, self_test_attend, hash_softcap,
                                           SelfTestGolden::softcap> {};
template <>
struct SelfTestOf<Alibi>
    : SelfTestEntry<SelfTestPart::alibi, self_test_attend, hash_alibi, SelfTestGolden::alibi> {};
template <>
struct SelfTestOf<ScoreBias> : SelfTestEntry<SelfTestPart::score_bias, self_test_attend,
                                             hash_score_bias, SelfTestGolden::score_bias> {};
template <>
struct SelfTestOf<BoolMask> : SelfTestEntry<SelfTestPart::bool_mask, self_test_attend,
                                            hash_bool_mask, SelfTestGolden::bool_mask> {};
template <>
struct SelfTestOf<SinkLogits> : SelfTestEntry<SelfTestPart::sink_logits, self_test_attend,
                                              hash_sink_logits, SelfTestGolden::sink_logits> {};
template <>
struct SelfTestOf<ExtraKey> : SelfTestEntry<SelfTestPart::extra_key, self_test_attend,
                                            hash_extra_key, SelfTestGolden::extra_key> {};
template <>
struct SelfTestOf<ZeroKey> : SelfTestEntry<SelfTestPart::zero_key, self_test_attend, hash_zero_key,
                                           SelfTestGolden::zero_key> {};
template <>
struct SelfTestOf<HeadMask> : SelfTestEntry<SelfTestPart::head_mask, self_test_attend,
                                            hash_head_mask, SelfTestGolden::head_mask> {};
template <>
struct SelfTestOf<WeightsCallback> : SelfTestEntry<SelfTestPart::weights_callback, self_test_attend,
                                                   hash_weights, SelfTestGolden::weights> {};
template <>
struct SelfTestOf<Statistics> : SelfTestEntry<SelfTestPart::statistics, self_test_attend,
                                              hash_statistics, SelfTestGolden::statistics> {};
template <>
struct SelfTestOf<RotaryTables> : SelfTestEntry<SelfTestPart::rotary_tables, self_test_small,
                                                hash_rotation, SelfTestGolden::rotation> {};
template <>
struct SelfTestOf<RotaryComputed>
    : SelfTestAll<SelfTestOf<RotaryTables>,
                  SelfTestEntry<SelfTestPart::rotary_computed, self_test_small, hash_rotary,
                                SelfTestGolden::rotary>> {};

template <bool Wanted, class Entry>
struct SelfTestIf : SelfTestAll<> {};
template <class Entry>
struct SelfTestIf<true, Entry> : Entry {};

template <Shape S>
struct SelfTestOf<MultiHeadAttention<S>>
    : SelfTestAll<SelfTestOf<AttendCache>, SelfTestOf<Projections>,
                  SelfTestIf<S.extra_key, SelfTestOf<ExtraKey>>,
                  SelfTestIf<(S.rotary_dim > 0), SelfTestOf<RotaryComputed>>> {};
template <class... Parts>
struct SelfTestOf<Configuration<Parts...>> : SelfTestAll<SelfTestOf<Parts>...> {};

}  // namespace detail
}  // namespace headroom
