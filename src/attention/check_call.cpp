// Everything that attend() promises to refuse, in the order of its arguments.
#include "attention/memory.hpp"
#include "attention/plan.hpp"

namespace headroom::detail {
namespace {

constexpr std::int64_t farthest = std::int64_t{1} << 61;

Result about(Status status, int argument) noexcept {
    return {status, static_cast<std::uint8_t>(status == Status::ok ? 0 : argument)};
}

// What the call touches; each range is worked out once. What it has not is empty, and meets nothing.
struct Touched {
    Range out, query, key, value, cache;
};

// The sizes that query and output must agree with.
struct KeySizes {
    Index heads, key_width, value_width;
};

Result check_keys(const AttendCall& call, KeySizes& n, Touched& at) noexcept {
    const Index batches = call.query.batches;
    if (call.cache != nullptr) {
        if (!call.cache->is_open()) return about(Status::not_open, 3);
        const CacheShape& shape = call.cache->shape();
        n = {shape.kv_heads, shape.key_width, shape.value_width};
        at.cache = range_of(call.cache->state());
        return batches != 1 ? about(Status::bad_shape, 2) : Result{};
    }
    const ConstTensor &k = call.key, &v = call.value;
    if (const Status s = check_tensor(k, at.key); s != Status::ok) return about(s, 3);
    if (const Status s = check_tensor(v, at.value); s != Status::ok) return about(s, 4);
    n = {k.heads, k.width, v.width};
    if (k.batches != batches) return about(Status::bad_shape, 3);
    const bool alike = v.batches == batches && v.heads == k.heads && v.tokens == k.tokens;
    return alike ? Result{} : about(Status::bad_shape, 4);
}

Result check_tensors(const AttendCall& call, const ConstTensor& out, KeySizes& n,
                     Touched& at) noexcept {
    const ConstTensor& q = call.query;
    if (const Status s = check_tensor(q, at.query); s != Status::ok) return about(s, 2);
    int rows = 0;  // tasks are counted by int
    if (__builtin_mul_overflow(q.batches, q.heads, &rows) ||
        __builtin_mul_overflow(rows, q.tokens, &rows)) {
        return about(Status::bad_shape, 2);
    }
    if (const Result r = check_keys(call, n, at); !r.ok()) return r;
    if (n.key_width != q.width || (q.heads != n.heads && q.heads % n.heads != 0))
        return about(Status::bad_shape, 3);
    const int at_out = call.cache != nullptr ? 4 : 5;
    if (const Status s = check_tensor(out, at.out); s != Status::ok) return about(s, at_out);
    const bool alike = out.batches == q.batches && out.tokens == q.tokens && out.heads == q.heads &&
                       out.width == n.value_width;
    return alike && writable(out) ? Result{} : about(Status::bad_shape, at_out);
}

// Whether `out` is the query itself, so that each row is overwritten only by its own result.
bool in_place(const ConstTensor& out, const ConstTensor& q) noexcept {
    if (out.data.data() != q.data.data() || out.width > q.width ||
        out.token_stride != q.token_stride || out.head_stride != q.head_stride ||
        out.batch_stride != q.batch_stride) {
        return false;
    }
    return writable(q);
}

Result check_memory(const AttendCall& call, const ConstTensor& out, Index kv_heads,
                    const Touched& at) noexcept {
    const int at_out = call.cache != nullptr ? 4 : 5, at_scratch = at_out + 1;
    const ConstTensor& q = call.query;
    if ((overlap(at.out, at.query) && !in_place(out, q) && shares(out, q)) ||
        overlap(at.out, at.cache) || (overlap(at.out, at.key) && shares(out, call.key)) ||
        (overlap(at.out, at.value) && shares(out, call.value))) {
        return about(Status::overlap, at_out);
    }
    const std::size_t bytes = times(static_cast<std::size_t>(workers_of(call.features.executor)),
                                    tile_bytes(q.tokens, q.heads, kv_heads, q.width));
    if (q.tokens > 0 && bytes == 0) return about(Status::bad_shape, 2);
    if (const Status s = check_arena(call.scratch, bytes); s != Status::ok)
        return about(s, at_scratch);
    const Range scratch = range_of(call.scratch);
    for (const auto* list : {&call.how.valid_keys, &call.how.first_positions}) {
        const Range given = range_of(*list);
        if (overlap(at.out, given)) return about(Status::overlap, at_out);
        if (overlap(scratch, given)) return about(Status::overlap, at_scratch);
    }
    for (const Range* range : {&at.query, &at.out, &at.key, &at.value, &at.cache}) {
        if (overlap(scratch, *range)) return about(Status::overlap, at_scratch);
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
Status check_ring(const AttendCall& call) noexcept {
    const CacheShape& ring = call.cache->shape();
    const Attention& how = call.how;
    if (ring.window == 0) return Status::ok;
    if (how.window_left < 0 || how.window_left >= ring.window || how.sink_tokens > ring.sinks) {
        return Status::bad_value;
    }
    const CacheTokens tokens = tokens_of(*call.cache);
    if (tokens.lost_begin >= tokens.lost_end) return Status::ok;
    const std::int64_t keys = how.valid_keys.empty() ? tokens.stored : how.valid_keys[0];
    const std::int64_t first = position_of(how, 0);
    for (Index i = 0; i < call.query.tokens; ++i) {
        const Visible v = visible(how, first + i, keys);
        if (v.prefix > tokens.lost_begin) return Status::bad_value;
        if (v.begin < v.end && v.begin < tokens.lost_end && v.end > tokens.lost_begin)
            return Status::bad_value;
        if (v.begin >= tokens.lost_end) break;  // windows only move on
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

Result check_call(const AttendCall& call) noexcept {
    if (!call.port.supported()) return about(Status::unsupported_port, 1);
    const ConstTensor out = call.out;
    KeySizes n;
    {
        Touched at{};
        if (const Result r = check_tensors(call, out, n, at); !r.ok()) return r;
        if (const Result r = check_memory(call, out, n.heads, at); !r.ok()) return r;
    }
    const int at_how = call.cache != nullptr ? 6 : 7;
    const std::int64_t keys = call.cache != nullptr ? call.cache->size() : call.key.tokens;
    if (const Status s = check_how(call.how, call.query.batches, keys); s != Status::ok)
        return about(s, at_how);
    if (call.cache != nullptr) {
        if (const Status s = check_ring(call); s != Status::ok) return about(s, at_how);
    }
    int argument = 0;
    const Status s = check_features(call, argument);
    return about(s, argument);
}

}  // namespace headroom::detail
