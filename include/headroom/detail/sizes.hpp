// The arithmetic behind every size function. A size that overflows is 0, and stays 0.
#pragma once

#include <cstddef>
#include <cstdint>

namespace headroom::detail {

inline constexpr std::size_t alignment = 64;     // of state, scratch and weights
inline constexpr std::size_t header_bytes = 64;  // of state and weights
inline constexpr std::int64_t panel_lanes = 16;  // of a panel: part of the numeric contract
inline constexpr std::int64_t block_keys = 128;  // of the online softmax: part of the contract
inline constexpr int group_panels = 4;           // panels side by side in memory
inline constexpr std::int64_t tile_rows = 48;    // queries in flight
inline constexpr std::int64_t largest = std::int64_t{1} << 62;

constexpr std::size_t times(std::size_t a, std::size_t b) noexcept {
    std::size_t product = 0;
    return __builtin_mul_overflow(a, b, &product) ? 0 : product;
}
constexpr std::size_t plus(std::size_t a, std::size_t b) noexcept {
    return a == 0 || b == 0 || a > SIZE_MAX - b ? 0 : a + b;
}
constexpr std::size_t rounded(std::size_t bytes) noexcept {  // to the next multiple of 64
    return bytes > SIZE_MAX - (alignment - 1) ? 0 : (bytes + alignment - 1) / alignment * alignment;
}
constexpr std::size_t positive(std::int64_t n) noexcept {
    return n <= 0 || static_cast<std::uint64_t>(n) > SIZE_MAX ? 0 : static_cast<std::size_t>(n);
}
constexpr std::size_t floats(std::size_t n) noexcept { return rounded(times(n, sizeof(float))); }

constexpr std::int64_t panels_of(std::int64_t n) noexcept {
    return n / panel_lanes + (n % panel_lanes != 0);
}

// ---- the KV cache

// Where the panels of a sequence are stored: panel P (tokens 16P ... 16P+15) is in slot panel
// P if P < fixed, else fixed + (P - fixed) % ring. Contiguous: ring = 0 and P < fixed always.
struct Storage {
    std::int64_t fixed = 0;
    std::int64_t ring = 0;
    constexpr std::int64_t panels() const noexcept { return fixed + ring; }
    constexpr bool valid() const noexcept { return panels() > 0; }
};

constexpr Storage storage_of(std::int64_t max_keys, std::int64_t window, std::int64_t sinks,
                             std::int64_t max_queries) noexcept {
    constexpr std::int64_t limit = std::int64_t{1} << 40;
    if (window == 0) {
        return max_keys < 1 || max_keys > limit ? Storage{} : Storage{panels_of(max_keys), 0};
    }
    if (window < 1 || window > limit || sinks < 0 || sinks > limit || max_queries < 1 ||
        max_queries > limit) {
        return {};
    }
    // n consecutive tokens, starting anywhere, touch at most (n + 14) / 16 + 1 panels.
    return {panels_of(sinks), (window + max_queries - 1 + 14) / panel_lanes + 1};
}

constexpr std::size_t cache_bytes(const Storage& storage, std::int64_t kv_heads,
                                  std::int64_t key_width, std::int64_t value_width) noexcept {
    const std::size_t slots =
        times(positive(storage.panels()), static_cast<std::size_t>(panel_lanes));
    const std::size_t heads = times(positive(kv_heads), slots);
    const std::size_t keys = floats(times(heads, positive(key_width)));
    const std::size_t values = floats(times(heads, positive(value_width)));
    return plus(plus(header_bytes, keys), values);
}

// ---- scratch of one worker

// Rows in flight where `group` query heads share a key head, rounded up to whole vectors of 16
// lanes.
constexpr std::ptrdiff_t lanes_of(std::ptrdiff_t queries, std::ptrdiff_t group) noexcept {
    const auto most = static_cast<std::ptrdiff_t>(tile_rows),
               lanes = static_cast<std::ptrdiff_t>(panel_lanes);
    const std::ptrdiff_t rows = queries >= most || group >= most ? most : queries * group;
    return rows < most ? (rows + lanes - 1) / lanes * lanes : most;
}

// The same for a call with that many queries and heads; 0 if there can be none. Sizes of memory,
// not of sequences: they have as many bits as the processor divides.
constexpr std::ptrdiff_t tile_lanes(std::ptrdiff_t queries, std::ptrdiff_t heads,
                                    std::ptrdiff_t kv_heads) noexcept {
    if (queries < 1 || heads < 1 || kv_heads < 1) return 0;
    if (heads == kv_heads) return lanes_of(queries, 1);
    return heads % kv_heads != 0 ? 0 : lanes_of(queries, heads / kv_heads);
}

// One tile of queries in flight, see src/kernels/tile.hpp for the drawing: queries [width][lanes],
// scores [128][lanes], sums [16][lanes], seven vectors [lanes], and the rows.
constexpr std::size_t tile_bytes(std::ptrdiff_t queries, std::ptrdiff_t heads,
                                 std::ptrdiff_t kv_heads, std::ptrdiff_t key_width) noexcept {
    const std::size_t n = positive(tile_lanes(queries, heads, kv_heads));
    const std::size_t per_lane = plus(positive(key_width), 128 + 16 + 7);
    return plus(floats(times(n, per_lane)), rounded(times(n, 72)));
}

}  // namespace headroom::detail
