// Running a layer whose shape is known only when its file has been read.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include <headroom/features.hpp>
#include <headroom/multi_head_attention.hpp>
#include <headroom/options.hpp>
#include <headroom/port.hpp>
#include <headroom/rotary.hpp>

#include "tools/aligned_bytes.hpp"
#include "tools/layer_weights.hpp"

namespace headroom::tools {

/// What a layer does that its weights do not say.
struct LayerSettings {
    Attention how = {};  ///< valid_keys and first_positions are not used: see Sequence.
    std::optional<RotaryComputed> rotary = {};
    bool zero_key = false;

    /// Tokens of a call; 0: as many as is practical. Never changes a bit of the output.
    Index chunk = 0;
};

/// The tokens of one sequence, and what they may see of each other.
struct Sequence {
    ConstRows x;                   ///< f32 [tokens][model_dim]
    ConstRows keys;                ///< f32 [keys][key_source_dim], of self-attention: x
    ConstRows values;              ///< f32 [keys][value_source_dim], likewise
    Rows y;                        ///< f32 [tokens][output_dim]
    bool self = true;              ///< Keys and values are x.
    std::int64_t valid_keys = -1;  ///< -1: all.
    std::optional<ScoreBias> bias = {};
    std::optional<BoolMask> mask = {};
};

/// Whoever wants to know more than the output. Queries count from the sequence's first token.
struct LayerObservers {
    std::optional<WeightsCallback> weights = {};
    std::span<HeadStatistics> statistics = {};        ///< [heads], or empty. Needs chunk = 0.
    std::function<void(Index tokens)> progress = {};  ///< Tokens of the sequence done so far.
};

/// A layer with its packed weights and arenas.
class LayerRunner {
public:
    /// For sequences of at most that many tokens and keys. Throws UserError, naming the file, if
    /// the library refuses the weights or there is no such layer.
    LayerRunner(const Safetensors& file, const LayerWeights& weights, const LayerSettings& settings,
                const Port& port, Index max_tokens, Index max_keys);

    /// Resolved.
    const Shape& shape() const noexcept { return shape_; }

    /// Computes y. Throws UserError if the library refuses the settings or the sequence.
    void run(const Sequence& sequence, const LayerObservers& observers = {});

private:
    struct Piece;
    void decode(const Sequence& sequence, const LayerObservers& observers, Index piece);
    void attend_to_all(const Sequence& sequence, const LayerObservers& observers, Index piece);
    void call(const Sequence& sequence, const LayerObservers& observers, const Piece& piece);
    void append(const Sequence& sequence, Index first, Index tokens);

    LayerSettings settings_;
    const Port& port_;
    Shape shape_;
    AlignedBytes blob_, state_, scratch_;
    detail::LayerHandle handle_;
};

}  // namespace headroom::tools
