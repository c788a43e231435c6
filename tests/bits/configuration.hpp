// One entry of the list: everything that is random about it. Numbers are integers, so that every
// processor draws the same and a line of the list can name them.
#pragma once

#include <cstdint>

namespace headroom::bits {

enum class Kind : std::uint8_t {
    attend,      ///< attend() on tensors.
    cached,      ///< attend() on a contiguous cache that is filled, truncated and copied.
    ring,        ///< attend() on a ring, tokens and queries arriving together.
    layer,       ///< A layer's forward().
    layer_ring,  ///< The same with a ring for a cache.
    cross,       ///< append_context() and attend_context().
    rotary,      ///< build_rotary() and rotate().
};
inline constexpr int kinds = 7;

/// How tensors lie in memory.
enum class Layout : std::uint8_t { tokens, heads, gaps };

/// NaN and infinities among the inputs. `hidden` stands where no row looks: the others are seen by
/// some rows and masked for others.
enum class Poison : std::uint8_t { none, hidden, value_nan, value_inf, key_nan, key_inf, query };
inline constexpr int poisons = 7;

enum Feature : unsigned {
    softcap = 1u << 0,
    alibi = 1u << 1,
    bias = 1u << 2,
    mask = 1u << 3,
    sink_logits = 1u << 4,
    extra_key = 1u << 5,
    zero_key = 1u << 6,
    kept_heads = 1u << 7,
    weights = 1u << 8,
    statistics = 1u << 9,
    executor = 1u << 10,
    tables = 1u << 11,    // layers: rotary embedding from tables of build_rotary()
    computed = 1u << 12,  // layers: computed in the call
};
inline constexpr int feature_bits = 13;

struct Configuration {
    int index = 0;
    Kind kind = Kind::attend;
    std::uint64_t seed = 0;  // of the inputs and of the cuts

    int batches = 1, queries = 1, keys = 1, heads = 1, kv_heads = 1;
    int key_width = 1, value_width = 1;
    Layout layout = Layout::tokens;
    int longest_call = 1;  // tokens of a call, at most

    int scale_64ths = 0;  // 0: the default
    bool causal = false;
    int first_position = 0;
    int keys_left = 0, keys_right = 0, sink_tokens = 0;  // as in hr_attention
    bool lengths = false;                                // valid_keys is given
    bool own_positions = false;                          // first_positions is given

    unsigned features = 0;
    int stage = 3;           // of the weights, an hr_stage
    int cap_eighths = 16;    // of the softcap
    bool for_heads = false;  // bias and mask differ between heads
    Poison poison = Poison::none;

    int window = 0, sinks = 0, max_queries = 1;  // of a ring, and of a layer
    int dropped = 0;                             // newest tokens that are truncated and replaced

    int model_dim = 1, output_dim = 1, key_source_dim = 1, value_source_dim = 1;
    bool extra_in_weights = false;
    unsigned biases = 0;    // bit 0: queries, 1: keys, 2: values, 3: output
    bool in_place = false;  // the output lies over the input

    int rotary_dim = 0, pairs = 0, scaling = 0;
    int base = 10000, factor = 1, original_positions = 32, attention_factor_8ths = 0;
    int first_row = 0;  // of the rotary tables

    bool is_layer() const {
        return kind == Kind::layer || kind == Kind::layer_ring || kind == Kind::cross;
    }
    bool is_ring() const { return kind == Kind::ring || kind == Kind::layer_ring; }
    bool has(Feature feature) const { return (features & feature) != 0; }
};

inline constexpr int configurations = 256;

/// Configuration `index` of the list, 0 ... configurations - 1; everything follows from the index.
Configuration draw(int index);

/// Multiply-adds of its calls, a little too many: windows and masks are not counted off.
std::int64_t expected_cost(const Configuration& configuration);

/// What a configuration is, in a line without its end; `text` has room for `line_length` bytes.
inline constexpr int line_length = 256;
void describe(const Configuration& configuration, char* text);

}  // namespace headroom::bits
