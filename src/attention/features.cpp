// What each feature needs of the caller's memory, and the kernels that it brings.
#include "attention/memory.hpp"
#include "attention/plan.hpp"

namespace headroom::detail {
namespace {

struct Sizes {
    Index heads, kv_heads, key_width, value_width;
};
Sizes sizes_of(const AttendCall& call) noexcept {
    if (call.cache == nullptr)
        return {call.query.heads, call.key.heads, call.key.width, call.value.width};
    const CacheShape& shape = call.cache->shape();
    return {call.query.heads, shape.kv_heads, shape.key_width, shape.value_width};
}

bool clear_of_outputs(const AttendCall& call, const Range& range) noexcept {
    const bool state = call.cache != nullptr && overlap(range, range_of(call.cache->state()));
    return !state && !overlap(range, touched(call.out)) && !overlap(range, range_of(call.scratch));
}

// One float for each of `count`, all finite or not.
Status check_vector(const AttendCall& call, std::span<const float> given, Index count) noexcept {
    if (const Status s = check_count(given.size(), static_cast<std::size_t>(count));
        s != Status::ok)
        return s;
    return clear_of_outputs(call, range_of(given)) ? Status::ok : Status::overlap;
}

// A mask of elements of any type.
struct MaskShape {
    Index keys, batch_stride, head_stride, query_stride, key_stride;
};

// The elements that a mask must have: 0 if it addresses none, the largest number if there can be no
// such memory, -1 if a stride is negative.
Index elements_of(const AttendCall& call, const MaskShape& mask) noexcept {
    const std::int64_t all =
        call.cache != nullptr ? call.cache->size() + call.more_keys : call.key.tokens;
    const Index keys = mask.keys < all ? mask.keys : static_cast<Index>(all);
    const Index counts[] = {call.query.batches, call.query.heads, call.query.tokens, keys};
    const Index strides[] = {mask.batch_stride, mask.head_stride, mask.query_stride,
                             mask.key_stride};
    Index n = 1;
    bool empty = false;
    for (int i = 0; i < 4; ++i) {
        Index step = 0;
        if (strides[i] < 0) return -1;
        if (counts[i] == 0) {
            empty = true;
        } else if (__builtin_mul_overflow(counts[i] - 1, strides[i], &step) ||
                   __builtin_add_overflow(n, step, &n)) {
            return PTRDIFF_MAX;
        }
    }
    return empty ? 0 : n;
}

Status check_broadcast(const AttendCall& call, const MaskShape& mask, std::size_t elements,
                       const Range& range) noexcept {
    if (mask.keys < 0) return Status::bad_shape;
    const Index n = elements_of(call, mask);
    const bool keys_forgotten = mask.keys == 0 && elements > 0;
    if (n < 0 || keys_forgotten) return Status::bad_shape;
    if (static_cast<std::size_t>(n) > elements) return Status::too_small;
    return clear_of_outputs(call, range) ? Status::ok : Status::overlap;
}
template <class T>
Status check_broadcast(const AttendCall& call, const Mask<T>& m) noexcept {
    return check_broadcast(call,
                           {m.keys, m.batch_stride, m.head_stride, m.query_stride, m.key_stride},
                           m.data.size(), range_of(m.data));
}

}  // namespace

Status check_softcap(const AttendCall& call) noexcept {
    const float cap = call.features.softcap->cap;
    // 1 / cap must not overflow.
    return finite(cap) && cap > 0.0f && finite(1.0f / cap) ? Status::ok : Status::bad_value;
}

Status check_alibi(const AttendCall& call) noexcept {
    const auto slopes = call.features.alibi->slopes;
    if (const Status s = check_vector(call, slopes, call.query.heads); s != Status::ok) return s;
    for (const float slope : slopes) {
        if (!finite(slope)) return Status::bad_value;
    }
    return Status::ok;
}

Status check_bias(const AttendCall& call) noexcept {
    return check_broadcast(call, call.features.bias->values);
}

Status check_mask(const AttendCall& call) noexcept {
    return check_broadcast(call, call.features.mask->visible);
}

Status check_sinks(const AttendCall& call) noexcept {
    return check_vector(call, call.features.sinks->logits, call.query.heads);
}

Status check_extra_key(const AttendCall& call) noexcept {
    const auto* extra = call.features.extra_key;
    const Sizes n = sizes_of(call);
    const Status s = check_vector(call, extra->key, n.kv_heads * n.key_width);
    return s != Status::ok ? s : check_vector(call, extra->value, n.kv_heads * n.value_width);
}

Status check_heads(const AttendCall& call) noexcept {
    const auto keep = call.features.heads->keep;
    if (const Status s = check_count(keep.size(), static_cast<std::size_t>(call.query.heads));
        s != Status::ok)
        return s;
    return clear_of_outputs(call, range_of(keep)) ? Status::ok : Status::overlap;
}

Status check_callback(const AttendCall& call) noexcept {
    const auto* callback = call.features.weights;
    return callback->receive != nullptr && callback->stage <= Stage::softmax ? Status::ok
                                                                             : Status::bad_value;
}

Status check_statistics(const AttendCall& call) noexcept {
    const auto heads = call.features.statistics->heads;
    const auto count = static_cast<std::size_t>(call.query.batches * call.query.heads);
    if (const Status s = check_count(heads.size(), count); s != Status::ok) return s;
    const Range range = range_of(heads);
    const bool inputs = overlap(range, touched(call.query)) || overlap(range, touched(call.key)) ||
                        overlap(range, touched(call.value)) ||
                        (call.cache != nullptr && overlap(range, range_of(call.cache->state())));
    // The statistics are written before other features are read for the last time.
    const Features& f = call.features;
    const Range others[] = {range_of(call.weights),
                            range_of(call.how.valid_keys),
                            range_of(call.how.first_positions),
                            f.alibi != nullptr ? range_of(f.alibi->slopes) : Range{},
                            f.sinks != nullptr ? range_of(f.sinks->logits) : Range{},
                            f.heads != nullptr ? range_of(f.heads->keep) : Range{},
                            f.bias != nullptr ? range_of(f.bias->values.data) : Range{},
                            f.mask != nullptr ? range_of(f.mask->visible.data) : Range{},
                            f.extra_key != nullptr ? range_of(f.extra_key->key) : Range{},
                            f.extra_key != nullptr ? range_of(f.extra_key->value) : Range{}};
    for (const Range& other : others) {
        if (overlap(range, other)) return Status::overlap;
    }
    return !inputs && clear_of_outputs(call, range) ? Status::ok : Status::overlap;
}

Status check_executor(const AttendCall& call) noexcept {
    const auto* executor = call.features.executor;
    return executor->workers >= 1 && executor->run != nullptr ? Status::ok : Status::bad_value;
}

}  // namespace headroom::detail
