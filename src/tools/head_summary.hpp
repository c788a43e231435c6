// Where a head looks, in words: what a reader wants to know before looking at its map.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/head_maps.hpp"

namespace headroom::tools {

/// In the order in which they are tried; the first that fits names the head.
enum class Pattern : std::uint8_t {
    nothing,       ///< No query sees a key.
    not_a_number,  ///< There is a NaN among the weights.
    one_key,       ///< No query sees more than one key: there is nothing to choose.
    outside,       ///< Idle: nearly all attention went to a sink or to the extra key.
    even,          ///< Idle: spread evenly over what is visible.
    rests,         ///< Idle: nearly all attention rests on one key, whatever the query.
    offset,        ///< Most attention is on the key at one distance, such as the token before.
    fixed,         ///< Most attention is on one key, though not enough to be idle.
    nearby,        ///< Most attention is within a few tokens.
    few,           ///< A few keys of many, different ones for different queries.
    broad,         ///< None of these.
};

/// What a head looks at that does not depend on content.
enum class Aim : std::uint8_t {
    none,
    offset,  ///< The key at one distance.
    fixed    ///< One key.
};

struct LargestWeight {
    float weight = 0.0f;
    std::int64_t query = 0, key = 0;
};

/// Shares are means over the queries that see at least two keys: the others have no choice.
struct HeadSummary {
    Pattern pattern = Pattern::nothing;
    bool idle = false;
    double share = 0.0;         ///< Of the attention, what the label speaks of.
    Aim aim = Aim::none;        ///< The largest, if it is worth telling.
    double aim_share = 0.0;     ///< Of the queries' attention that see it.
    std::int64_t offset = 0;    ///< Aim::offset: key position - query position.
    std::int64_t key = 0;       ///< Aim::fixed and Pattern::rests
    double visible = 0.0;       ///< Keys that a query sees, mean.
    double entropy = 0.0;       ///< Bits, mean; from the library's statistics.
    double most_entropy = 0.0;  ///< Bits, mean of log2 of the visible keys.
    double uneven = 0.0;        ///< Share of the attention to move until it is even.
    double outside = 0.0;       ///< Share of sinks and of the extra key.
    /// Of the queries that see at least two keys; of equal ones the first query, then the lowest
    /// key. None if there is no such query, or a NaN.
    std::optional<LargestWeight> largest;
    std::optional<double> distance;  ///< Tokens between query and key, mean; self-attention only.

    std::string group;   ///< The pattern's name: "previous token", "idle: spread evenly".
    std::string detail;  ///< The number behind it: "81 % of its attention"; may be empty.
};

/// Whether a head's entropy and the like say anything.
constexpr bool has_numbers(const HeadSummary& head) {
    return head.pattern != Pattern::nothing && head.pattern != Pattern::not_a_number;
}

/// The limits that patterns are told by.
inline constexpr double even_limit = 0.10;     ///< `even`: at most so much is to be moved
inline constexpr double rest_limit = 0.90;     ///< `rests`, `outside`: at least this share
inline constexpr int rest_queries = 3;         ///< see the key, unless it is the first
inline constexpr double aim_limit = 0.50;      ///< `offset`, `fixed`: at least this share
inline constexpr double lean_limit = 0.10;     ///< an aim is told from this share on, and
inline constexpr double lean_lift = 5.0;       ///< so many times the share it would get if even
inline constexpr double nearby_limit = 0.60;   ///< `nearby`: at least this share,
inline constexpr double nearby_chance = 0.30;  ///< of keys that would get at most so much if even
inline constexpr int nearby_tokens = 3;
inline constexpr double few_limit = 0.25;  ///< `few`: 2^entropy is at most this share of the keys

std::vector<HeadSummary> summarise(const HeadMaps& maps);

}  // namespace headroom::tools
