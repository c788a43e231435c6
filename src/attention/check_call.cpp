// Everything that attend() promises to refuse, in the order of its arguments.
#include "attention/memory.hpp"
#include "attention/plan.hpp"

namespace headroom::detail {
namespace {

constexpr std::int64_t farthest = std::int64_t{1} << 61;

Result about(Status status, int argument) noexcept {
    return {status, static_cast<std::uint8_t>(status == Status::ok ? 0 : argument)};
}

// What the call touches; each range is worked out once.
struct Touched {
    Range query, key, value, out, cache;
};

Result check_tensors(const AttendCall& call, Touched& at) noexcept {
    const ConstTensor& q = call.query;
    if (const Status s = check_tensor(q, at.query); s != Status::ok) return about(s, 2);
    int rows = 0;  // tasks are counted by int
    if (__builtin_mul_overflow(q.batches, q.heads, &rows) ||
        __builtin_mul_overflow(rows, q.tokens, &rows)) {
        return about(Status::bad_shape, 2);
    }
    Index kv_heads = 0, key_width = 0, value_width = 0;
    int next = 4;
    if (call.cache != nullptr) {
        if (!call.cache->is_open()) return about(Status::not_open, 3);
        const CacheShape& shape = call.cache->shape();
        kv_heads = shape.kv_heads;
        key_width = shape.key_width;
        value_width = shape.value_width;
        at.cache = range_of(call.cache->state());
        if (q.batches != 1) return about(Status::bad_shape, 2);
    } else {
        const ConstTensor &k = call.key, &v = call.value;
        if (const Status s = check_tensor(k, at.key); s != Status::ok) return about(s, 3);
        if (const Status s = check_tensor(v, at.value); s != Status::ok) return about(s, 4);
        kv_heads = k.heads;
        key_width = k.width;
        value_width = v.width;
        if (k.batches != q.batches) return about(Status::bad_shape, 3);
        if (v.batches != q.batches || v.heads != k.heads || v.tokens != k.tokens)
            return about(Status::bad_shape, 4);
        next = 5;
    }
    if (key_width != q.width || (q.heads != kv_heads && q.heads % kv_heads != 0))
        return about(Status::bad_shape, 3);
    const Tensor& out = call.out;
    if (const Status s = check_tensor(out, at.out); s != Status::ok) return about(s, next);
    if (out.batches != q.batches || out.tokens != q.tokens || out.heads != q.heads ||
        out.width != value_width || !writable(out)) {
        return about(Status::bad_shape, next);
    }
    return {};
}

// Whether `out` is the query itself, so that each row is overwritten only by its own result.
bool in_place(const Tensor& out, const ConstTensor& q) noexcept {
    const Extent extents[] = {
        {q.batches, q.batch_stride}, {q.tokens, q.token_stride}, {q.heads, q.head_stride}};
    return out.data.data() == q.data.data() && out.width <= q.width && writable(extents, q.width) &&
           out.token_stride == q.token_stride && out.head_stride == q.head_stride &&
           out.batch_stride == q.batch_stride;
}

Result check_memory(const AttendCall& call, const Touched& at) noexcept {
    const int at_out = call.cache != nullptr ? 4 : 5;
    const Tensor& out = call.out;
    if (overlap(at.out, at.query) && !in_place(out, call.query) && shares(out, call.query)) {
        return about(Status::overlap, at_out);
    }
    const Index kv_heads = call.cache != nullptr ? call.cache->shape().kv_heads : call.key.heads;
    if (overlap(at.out, at.cache) || (overlap(at.out, at.key) && shares(out, call.key)) ||
        (overlap(at.out, at.value) && shares(out, call.value))) {
        return about(Status::overlap, at_out);
    }

    const std::size_t bytes =
        times(static_cast<std::size_t>(workers_of(call.features.executor)),
              tile_bytes(call.query.tokens, call.query.heads, kv_heads, call.query.width));
    if (call.query.tokens > 0 && bytes == 0) return about(Status::bad_shape, 2);
    if (const Status s = check_arena(call.scratch, bytes); s != Status::ok)
        return about(s, at_out + 1);
    const Range scratch = range_of(call.scratch);
    for (const auto given : {call.how.valid_keys, call.how.first_positions}) {
        if (given.empty()) continue;
        if (overlap(at.out, range_of(given))) return about(Status::overlap, at_out);
        if (overlap(scratch, range_of(given))) return about(Status::overlap, at_out + 1);
    }
    if (overlap(scratch, at.query) || overlap(scratch, at.out) || overlap(scratch, at.key) ||
        overlap(scratch, at.value) || overlap(scratch, at.cache)) {
        return about(Status::overlap, at_out + 1);
    }
    return {};
}

}  // namespace

Status check_how(const Attention& how, Index batches, std::int64_t keys) noexcept {
    if (!finite(how.scale) || how.window_left < -1 || how.window_right < -1 ||
        how.sink_tokens < 0) {
        return Status::bad_value;
    }
    const auto count = static_cast<std::size_t>(batches);
    for (const auto given : {how.valid_keys, how.first_positions}) {
        if (given.empty()) continue;
        if (const Status s = check_count(given.size(), count); s != Status::ok) return s;
    }
    for (const std::int64_t n : how.valid_keys) {
        if (n < 0 || n > keys) return Status::bad_value;
    }
    for (Index b = 0; b < batches; ++b) {
        const std::int64_t p = position_of(how, b);
        if (p > farthest || p < -farthest) return Status::bad_value;
        if (how.first_positions.empty()) break;  // the same for all
    }
    return Status::ok;
}

// A ring has overwritten its oldest tokens: no query of this call may see one of them.
// A window that happens to fit today must not fail tomorrow, so the declared one counts, not the
// slots.
Status check_ring(const AttendCall& call, const Source& source) noexcept {
    const CacheShape& ring = call.cache->shape();
    const Attention& how = call.how;
    if (ring.window == 0) return Status::ok;
    if (how.window_left < 0 || how.window_left >= ring.window || how.sink_tokens > ring.sinks) {
        return Status::bad_value;
    }
    const std::int64_t lost_begin = source.lost_begin, lost_end = source.lost_end;
    if (lost_begin >= lost_end) return Status::ok;
    const std::int64_t keys = call.how.valid_keys.empty() ? source.stored : call.how.valid_keys[0];
    for (Index i = 0; i < call.query.tokens; ++i) {
        const Visible v = visible(call.how, position_of(call.how, 0) + i, keys);
        if (v.prefix > lost_begin) return Status::bad_value;
        if (v.begin < v.end && v.begin < lost_end && v.end > lost_begin) return Status::bad_value;
        if (v.begin >= lost_end) break;  // windows only move on
    }
    return Status::ok;
}

Status check_features(const AttendCall& call, int& argument) noexcept {
    for (int i = 0; i < call.features.count; ++i) {
        const Features::Check& c = call.features.checks[i];
        argument = c.argument;
        if (const Status s = c.check(call, c.feature); s != Status::ok) return s;
    }
    return Status::ok;
}

Source source_of(const AttendCall& call) noexcept {
    if (call.cache != nullptr) return cache_source(*call.cache);
    const ConstTensor &k = call.key, &v = call.value;
    return {{k.data.data(), v.data.data(), k.token_stride, v.token_stride, false, {}},
            k.head_stride,
            k.batch_stride,
            v.head_stride,
            v.batch_stride,
            k.tokens};
}

Result check_call(const AttendCall& call) noexcept {
    if (!call.port.supported()) return about(Status::unsupported_port, 1);
    Touched at;
    if (const Result r = check_tensors(call, at); !r.ok()) return r;
    if (const Result r = check_memory(call, at); !r.ok()) return r;

    const int at_how = call.cache != nullptr ? 6 : 7;
    const std::int64_t keys = call.cache != nullptr ? call.cache->size() : call.key.tokens;
    if (const Status s = check_how(call.how, call.query.batches, keys); s != Status::ok)
        return about(s, at_how);
    if (call.cache != nullptr) {
        if (const Status s = check_ring(call, source_of(call)); s != Status::ok)
            return about(s, at_how);
    }
    int argument = 0;
    const Status s = check_features(call, argument);
    return about(s, argument);
}

}  // namespace headroom::detail
