#include "c/features.hpp"

namespace headroom::c {
namespace {

template <class T, class From>
Mask<T> mask_of(const From& m) noexcept {
    const Index key_stride = m.key_stride == 0                      ? 1
                             : m.key_stride == HR_SAME_FOR_ALL_KEYS ? 0
                                                                    : m.key_stride;
    const bool zeros = m.data == nullptr && m.keys == 0;  // would mask every key
    return {span_of(m.data, m.count), zeros ? -1 : m.keys, m.batch_stride, m.head_stride,
            m.query_stride,           key_stride};
}

// The library calls back with its own block; the caller's callback is the context.
void show(void* context, const WeightsBlock& block) {
    const auto& to = *static_cast<const hr_weights_callback*>(context);
    const hr_weights_block shown{block.batch,     block.head,          block.query,
                                 block.first_key, block.values.data(), block.values.size()};
    to.receive(to.context, &shown);
}

WeightsCallback callback_of(const hr_weights_callback& from) noexcept {
    const bool known = from.stage >= HR_STAGE_RAW && from.stage <= HR_STAGE_SOFTMAX;
    return {static_cast<Stage>(known ? from.stage : 255),  // 255 is refused
            const_cast<hr_weights_callback*>(&from), from.receive == nullptr ? nullptr : show};
}
static_assert(HR_STAGE_RAW == static_cast<int>(Stage::raw) &&
              HR_STAGE_SOFTCAP == static_cast<int>(Stage::softcap) &&
              HR_STAGE_BIAS == static_cast<int>(Stage::bias) &&
              HR_STAGE_SOFTMAX == static_cast<int>(Stage::softmax));

// Statistics are written to the caller's array: the two types have the same members in the same
// places.
Statistics statistics_of(const hr_statistics& from) noexcept {
    static_assert(sizeof(hr_head_statistics) == sizeof(HeadStatistics) &&
                  alignof(hr_head_statistics) == alignof(HeadStatistics));
    static_assert(offsetof(hr_head_statistics, rows) == offsetof(HeadStatistics, rows) &&
                  offsetof(hr_head_statistics, entropy) == offsetof(HeadStatistics, entropy) &&
                  offsetof(hr_head_statistics, largest_weight) ==
                      offsetof(HeadStatistics, largest_weight) &&
                  offsetof(hr_head_statistics, query) == offsetof(HeadStatistics, query) &&
                  offsetof(hr_head_statistics, key) == offsetof(HeadStatistics, key));
    return {span_of(reinterpret_cast<HeadStatistics*>(from.heads), from.count)};
}

}  // namespace

void bind_features(const hr_features& from, const Port& port, HeldFeatures& held,
                   detail::Features& to) noexcept {
    const auto add = [&](hr_feature at, const auto& feature) {
        held.checks.bind(to, port, static_cast<std::uint8_t>(at), feature);
    };
    if (from.softcap != nullptr) add(HR_SOFTCAP, held.softcap = {*from.softcap});
    if (from.alibi_slopes != nullptr)
        add(HR_ALIBI_SLOPES, held.alibi = {span_of(*from.alibi_slopes)});
    if (from.score_bias != nullptr)
        add(HR_SCORE_BIAS, held.bias = {mask_of<float>(*from.score_bias)});
    if (from.bool_mask != nullptr) add(HR_BOOL_MASK, held.mask = {mask_of<bool>(*from.bool_mask)});
    if (from.sink_logits != nullptr) add(HR_SINK_LOGITS, held.sinks = {span_of(*from.sink_logits)});
    if (from.extra_key != nullptr)
        add(HR_EXTRA_KEY,
            held.extra = {span_of(from.extra_key->key), span_of(from.extra_key->value)});
    if (from.zero_key) add(HR_ZERO_KEY, ZeroKey{});
    if (from.kept_heads != nullptr)
        add(HR_KEPT_HEADS, held.heads = {span_of(from.kept_heads->data, from.kept_heads->count)});
    if (from.weights != nullptr) add(HR_WEIGHTS, held.weights = callback_of(*from.weights));
    if (from.statistics != nullptr)
        add(HR_STATISTICS, held.statistics = statistics_of(*from.statistics));
    bind_executor(from, port, held, to);
}

}  // namespace headroom::c
