#include "c/convert.hpp"

namespace headroom::c {
namespace {

template <class T>
T or_default(T given, T standard) noexcept {
    return given == T{} ? standard : given;
}

}  // namespace

Shape shape_of(const hr_shape& s) noexcept {
    return {.model_dim = s.model_dim,
            .heads = or_default(s.heads, 1),
            .kv_heads = s.kv_heads,
            .head_dim = s.head_dim,
            .value_dim = s.value_dim,
            .key_source_dim = s.key_source_dim,
            .value_source_dim = s.value_source_dim,
            .output_dim = s.output_dim,
            .extra_key = s.extra_key,
            .rotary_dim = s.rotary_dim,
            .max_queries = or_default(s.max_queries, 1),
            .max_keys = s.max_keys,
            .window = s.window,
            .sinks = s.sinks};
}

CacheShape shape_of(const hr_cache_shape& s) noexcept {
    return {.kv_heads = or_default(s.kv_heads, 1),
            .key_width = s.key_width,
            .value_width = or_default(s.value_width, s.key_width),
            .max_keys = s.max_keys,
            .window = s.window,
            .sinks = s.sinks,
            .max_queries = or_default(s.max_queries, std::int64_t{1})};
}

hr_cache_shape shape_of(const CacheShape& s) noexcept {
    return {.kv_heads = s.kv_heads,
            .key_width = s.key_width,
            .value_width = s.value_width,
            .max_keys = s.max_keys,
            .window = s.window,
            .sinks = s.sinks,
            .max_queries = s.max_queries};
}

Result open(const hr_cache* from, KvCache& cache) noexcept {
    if (from == nullptr || from->state == nullptr) return {Status::not_open, 0};
    const Result opened = cache.open(shape_of(from->shape),
                                     span_of(static_cast<std::byte*>(from->state), from->bytes));
    return {opened.status, 0};
}

hr_cache handle_of(const KvCache& cache) noexcept {
    const auto state = cache.state();
    return {shape_of(cache.shape()), const_cast<std::byte*>(state.data()), state.size()};
}

RotaryParameters parameters_of(const hr_rotary_parameters& p) noexcept {
    const bool known = p.scaling >= HR_ROTARY_NONE && p.scaling <= HR_ROTARY_YARN;
    return {.dim = p.dim,
            .base = or_default(p.base, 10000.0),
            // 255 is no scaling, and refused as such.
            .scaling = static_cast<RotaryScaling>(known ? p.scaling : 255),
            .factor = or_default(p.factor, 1.0),
            .original_positions = p.original_positions,
            .beta_fast = or_default(p.beta_fast, 32.0),
            .beta_slow = or_default(p.beta_slow, 1.0),
            .attention_factor = p.attention_factor};
}

RotaryTables tables_of(const hr_rotary_tables& t) noexcept {
    return {t.dim, pairs_of(t.pairs), t.positions, span_of(t.cos, t.count),
            span_of(t.sin, t.count)};
}

RotaryPairs pairs_of(int pairs) noexcept {
    return pairs == HR_ROTARY_HALVES ? RotaryPairs::halves : RotaryPairs::interleaved;
}

Status attention_of(const hr_attention* from, Attention& how) noexcept {
    if (from == nullptr) return Status::ok;
    // Without its size an array would be taken for one that is not given.
    const bool arrays = from->valid_keys != nullptr || from->first_positions != nullptr;
    if (arrays && from->batches == 0) return Status::too_small;
    const auto window = [](std::int64_t keys) { return keys < 0 ? std::int64_t{-2} : keys - 1; };
    how = {.scale = from->scale,
           .causal = from->causal,
           .first_position = from->first_position,
           .window_left = window(from->keys_left),
           .window_right = window(from->keys_right),
           .sink_tokens = from->sink_tokens,
           .valid_keys = span_of(from->valid_keys, from->batches),
           .first_positions = span_of(from->first_positions, from->batches)};
    return Status::ok;
}

static_assert(HR_ROTARY_NONE == static_cast<int>(RotaryScaling::none) &&
              HR_ROTARY_LINEAR == static_cast<int>(RotaryScaling::linear) &&
              HR_ROTARY_NTK == static_cast<int>(RotaryScaling::ntk) &&
              HR_ROTARY_YARN == static_cast<int>(RotaryScaling::yarn));
static_assert(HR_ROTARY_HALVES == static_cast<int>(RotaryPairs::halves) &&
              HR_ROTARY_INTERLEAVED == static_cast<int>(RotaryPairs::interleaved));

}  // namespace headroom::c
