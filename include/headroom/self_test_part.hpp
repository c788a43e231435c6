// The parts that a self-test can check, and what it says of the one that failed.
#pragma once

#include <cstdint>

namespace headroom {

/// Parts of a Configuration, besides those that have a type already:
struct AttendTensors {};  ///< attend() on tensors.
struct AttendCache {};    ///< attend() on a KvCache, contiguous or a ring, and appending to it.
struct Projections {};    ///< The projections of a layer.

/// Result::argument of a self-test that failed. Features have the numbers of the C interface.
enum class SelfTestPart : std::uint8_t {
    rounding_mode = 11,   ///< bad_state: not to the nearest, ties to even.
    subnormals = 12,      ///< bad_state: subnormal numbers become zero.
    attend_tensors = 13,  ///< bad_checksum, like all that follow: bits are wrong in this part.
    attend_cache = 14,
    projections = 15,
    softcap = 101,
    alibi = 102,
    score_bias = 103,
    bool_mask = 104,
    sink_logits = 105,
    extra_key = 106,
    zero_key = 107,
    head_mask = 108,
    weights_callback = 109,
    statistics = 110,
    rotary_tables = 112,
    rotary_computed = 113,
};

/// One line of English for a part; never null, static storage.
const char* describe(SelfTestPart part) noexcept;

}  // namespace headroom
