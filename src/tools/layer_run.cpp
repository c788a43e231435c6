#include "tools/layer_run.hpp"

#include <algorithm>
#include <string>

#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

constexpr Index tokens_in_flight = 128;  // bounds scratch; a call runs in slices of it
constexpr Index tokens_of_a_call = 256;  // how often progress is told

void require_ok(Result result, const char* call) {
    if (result.ok()) return;
    throw UserError(std::string("the library refuses ") + call + ": " + describe(result.status) +
                    " (argument " + std::to_string(result.argument) + ")");
}

Shape run_shape(const Safetensors& file, Shape shape, const LayerSettings& settings,
                Index max_tokens, Index max_keys) {
    const Index piece = settings.chunk > 0 ? settings.chunk : max_tokens;
    shape.max_queries =
        static_cast<int>(std::clamp(std::min(piece, max_tokens), Index{1}, tokens_in_flight));
    shape.max_keys = std::max<Index>(max_keys, 1);
    shape.rotary_dim = settings.rotary ? settings.rotary->parameters.dim : 0;
    if (settings.rotary && shape.rotary_dim > shape.head_dim) {
        throw UserError("rotary embedding of " + std::to_string(shape.rotary_dim) +
                        " elements: the layer's heads are " + std::to_string(shape.head_dim) +
                        " wide");
    }
    if (!valid(shape) || state_bytes(shape) == 0 || scratch_bytes(shape) == 0)
        throw UserError(file.name() + ": these weights make no layer that the library can hold");
    return shape;
}

ConstRows part(const ConstRows& rows, Index first, Index count) {
    return {rows.data.subspan(static_cast<std::size_t>(first * rows.stride)), count, rows.width,
            rows.stride};
}

// A mask as seen from a later query: the library counts from the first of the call.
template <class T>
Mask<T> from_query(Mask<T> mask, Index first) {
    mask.data = mask.data.subspan(static_cast<std::size_t>(first * mask.query_stride));
    return mask;
}

// Passes blocks on with the number of the query in the sequence, not in the call.
struct Renumber {
    WeightsCallback to;
    Index first_query;

    static void receive(void* context, const WeightsBlock& block) {
        const auto& self = *static_cast<const Renumber*>(context);
        WeightsBlock renumbered = block;
        renumbered.query += self.first_query;
        self.to.receive(self.to.context, renumbered);
    }
};

}  // namespace

// One call of the library.
struct LayerRunner::Piece {
    Index first;  // token of the sequence
    Index tokens;
    bool appends;  // these tokens' own keys
    Index keys;    // that the cache holds when they attend
};

LayerRunner::LayerRunner(const Safetensors& file, const LayerWeights& weights,
                         const LayerSettings& settings, const Port& port, Index max_tokens,
                         Index max_keys)
    : settings_(settings),
      port_(port),
      shape_(run_shape(file, weights.shape, settings, max_tokens, max_keys)),
      blob_(weights_bytes(shape_)),
      state_(state_bytes(shape_)),
      scratch_(scratch_bytes(shape_)) {
    pack_layer(file, weights, blob_.bytes());
    require_ok(detail::open_layer(handle_, shape_, port, blob_.bytes()), "the packed weights");
}

void LayerRunner::run(const Sequence& sequence, const LayerObservers& observers) {
    KvCache cache;
    require_ok(cache.open(cache_shape(shape_), state_.bytes()), "the cache");
    cache.clear();
    const Index all = std::max<Index>(sequence.x.rows, 1);
    const Index piece = settings_.chunk > 0            ? settings_.chunk
                        : observers.statistics.empty() ? std::min(all, tokens_of_a_call)
                                                       : all;
    if (sequence.self && settings_.how.causal) {
        decode(sequence, observers, piece);
    } else {
        attend_to_all(sequence, observers, piece);
    }
}

// Each token sees what came before: keys are appended as the tokens come, as a program would that
// generates text.
void LayerRunner::decode(const Sequence& sequence, const LayerObservers& observers, Index piece) {
    Index first = 0;
    do {
        const Index tokens = std::min(piece, sequence.x.rows - first);
        call(sequence, observers, {first, tokens, true, first + tokens});
        first += tokens;
    } while (first < sequence.x.rows);
}

void LayerRunner::attend_to_all(const Sequence& sequence, const LayerObservers& observers,
                                Index piece) {
    for (Index first = 0; first < sequence.keys.rows; first += piece)
        append(sequence, first, std::min(piece, sequence.keys.rows - first));
    Index first = 0;
    do {
        const Index tokens = std::min(piece, sequence.x.rows - first);
        call(sequence, observers, {first, tokens, false, sequence.keys.rows});
        first += tokens;
    } while (first < sequence.x.rows);
}

void LayerRunner::append(const Sequence& sequence, Index first, Index tokens) {
    detail::LayerCall call{handle_,
                           shape_,
                           {},
                           part(sequence.keys, first, tokens),
                           part(sequence.values, first, tokens),
                           {},
                           state_.bytes(),
                           scratch_.bytes(),
                           {},
                           {}};
    detail::HeldChecks checks;
    if (settings_.rotary) checks.bind(call.features, port_, 5, *settings_.rotary);
    require_ok(detail::append_context(call), "the keys and values");
}

void LayerRunner::call(const Sequence& sequence, const LayerObservers& observers,
                       const Piece& piece) {
    const ConstRows x = part(sequence.x, piece.first, piece.tokens);
    const Rows y{sequence.y.data.subspan(static_cast<std::size_t>(piece.first * sequence.y.stride)),
                 piece.tokens, sequence.y.width, sequence.y.stride};
    const ConstRows source = piece.appends ? x : ConstRows{};
    Attention how = settings_.how;
    how.first_position += piece.first;
    const std::int64_t valid = std::min<std::int64_t>(sequence.valid_keys, piece.keys);
    if (sequence.valid_keys >= 0) how.valid_keys = {&valid, 1};

    detail::LayerCall call{handle_,        shape_,           x,   source, source, y,
                           state_.bytes(), scratch_.bytes(), how, {}};
    detail::LayerFeatures& features = call.features;
    std::optional<ScoreBias> bias = sequence.bias;
    std::optional<BoolMask> mask = sequence.mask;
    if (bias) bias->values = from_query(bias->values, piece.first);
    if (mask) mask->visible = from_query(mask->visible, piece.first);
    const ZeroKey zero_key;
    Renumber renumber{observers.weights.value_or(WeightsCallback{}), piece.first};
    const WeightsCallback weights{renumber.to.stage, &renumber, Renumber::receive};
    const Statistics statistics{observers.statistics};

    detail::HeldChecks checks;
    std::uint8_t at = 6;
    if (settings_.rotary) checks.bind(features, port_, at++, *settings_.rotary);
    if (bias) checks.bind(features, port_, at++, *bias);
    if (mask) checks.bind(features, port_, at++, *mask);
    if (settings_.zero_key) checks.bind(features, port_, at++, zero_key);
    if (observers.weights) checks.bind(features, port_, at++, weights);
    if (!observers.statistics.empty()) checks.bind(features, port_, at++, statistics);
    if (shape_.extra_key) detail::bind_extra_key(features, port_);
    require_ok(piece.appends ? detail::forward(call) : detail::attend_context(call), "the call");
    if (observers.progress) observers.progress(piece.first + piece.tokens);
}

}  // namespace headroom::tools
