// Everything that attend() promises to refuse, in the order of its arguments.
#include "attention/memory.hpp"
#include "attention/plan.hpp"

namespace headroom::detail {
namespace {

constexpr std::int64_t farthest = std::int64_t{1} << 61;

// What the call touches; each range is worked out once.
struct Touched {
    Range out;
    Range inputs[3];  // query, then key and value, or the cache and nothing
};

// The sizes that query and output must agree with.
struct KeySizes {
    Index heads, key_width, value_width;
};

// Here as below, `argument` is the one that is looked at, and is left at what is refused.
Status check_keys(const AttendCall& call, KeySizes& n, Touched& at, int& argument) noexcept {
    const Index batches = call.query.batches;
    argument = 3;
    if (call.cache != nullptr) {
        if (!call.cache->is_open()) return Status::not_open;
        const CacheShape& shape = call.cache->shape();
        n = {shape.kv_heads, shape.key_width, shape.value_width};
        at.inputs[1] = range_of(call.cache->state());
        at.inputs[2] = {};
        if (batches == 1) return Status::ok;
        argument = 2;
        return Status::bad_shape;
    }
    const ConstTensor &k = call.key, &v = call.value;
    if (const Status s = check_tensor(k, at.inputs[1]); s != Status::ok) return s;
    argument = 4;
    if (const Status s = check_tensor(v, at.inputs[2]); s != Status::ok) return s;
    n = {k.heads, k.width, v.width};
    argument = 3;
    if (k.batches != batches) return Status::bad_shape;
    argument = 4;
    const bool alike = v.batches == batches && v.heads == k.heads && v.tokens == k.tokens;
    return alike ? Status::ok : Status::bad_shape;
}

Status check_tensors(const AttendCall& call, const ConstTensor& out, KeySizes& n, Touched& at,
                     int& argument) noexcept {
    const ConstTensor& q = call.query;
    argument = 2;
    if (const Status s = check_tensor(q, at.inputs[0]); s != Status::ok) return s;
    int rows = 0;  // tasks are counted by int
    if (__builtin_mul_overflow(q.batches, q.heads, &rows) ||
        __builtin_mul_overflow(rows, q.tokens, &rows)) {
        return Status::bad_shape;
    }
    if (const Status s = check_keys(call, n, at, argument); s != Status::ok) return s;
    argument = 3;
    if (n.key_width != q.width || (q.heads != n.heads && q.heads % n.heads != 0))
        return Status::bad_shape;
    argument = call.cache != nullptr ? 4 : 5;
    if (const Status s = check_tensor(out, at.out); s != Status::ok) return s;
    const bool alike = out.batches == q.batches && out.tokens == q.tokens && out.heads == q.heads &&
                       out.width == n.value_width;
    return alike && writable(out) ? Status::ok : Status::bad_shape;
}

// Whether `out` is the query itself, so that each row is overwritten only by its own result.
bool in_place(const ConstTensor& out, const ConstTensor& q) noexcept {
    return out.data.data() == q.data.data() && out.width <= q.width &&
           out.token_stride == q.token_stride && out.head_stride == q.head_stride &&
           out.batch_stride == q.batch_stride && writable(q);
}

// Whether the output, whose range meets that of an input, shares memory with one.
[[gnu::noinline]] bool changes_inputs(const AttendCall& call, const ConstTensor& out,
                                      const Touched& at) noexcept {
    if (overlap(at.out, at.inputs[0]) && !in_place(out, call.query) && shares(out, call.query))
        return true;
    if (call.cache != nullptr) return overlap(at.out, at.inputs[1]);
    return shares(out, call.key) || shares(out, call.value);
}

Status check_memory(const AttendCall& call, const ConstTensor& out, Index kv_heads,
                    const Touched& at, int& argument) noexcept {
    const int at_out = argument;
    const Range scratch = range_of(call.scratch);
    bool near = false, meets = overlap(scratch, at.out);
    for (const Range& input : at.inputs) {
        near |= overlap(at.out, input);
        meets |= overlap(scratch, input);
    }
    if (near && changes_inputs(call, out, at)) return Status::overlap;
    const ConstTensor& q = call.query;
    const std::size_t bytes = times(static_cast<std::size_t>(workers_of(call.features.executor)),
                                    tile_bytes(q.tokens, q.heads, kv_heads, q.width));
    argument = 2;
    if (q.tokens > 0 && bytes == 0) return Status::bad_shape;
    argument = at_out + 1;
    if (const Status s = check_arena(call.scratch, bytes); s != Status::ok) return s;
    for (const auto* list : {&call.how.valid_keys, &call.how.first_positions}) {
        if (list->empty()) continue;
        const Range given = range_of(*list);
        if (overlap(at.out, given)) argument = at_out;
        if (argument == at_out || overlap(scratch, given)) return Status::overlap;
    }
    return meets ? Status::overlap : Status::ok;
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

Status check_features(const AttendCall& call, int& argument) noexcept {
    const Features& f = call.features;
    for (int i = 0; i < f.count; ++i) {
        const CheckFeature check = f.checks[i];
        argument = f.first_argument + i;
        if (check == nullptr) continue;
        if (const Status s = check(call); s != Status::ok) return s;
    }
    return Status::ok;
}

namespace {

Status check_all(const AttendCall& call, int& argument) noexcept {
    if (!call.port.supported()) return Status::unsupported_port;
    const ConstTensor out = call.out;
    KeySizes n;
    Touched at;
    if (const Status s = check_tensors(call, out, n, at, argument); s != Status::ok) return s;
    if (const Status s = check_memory(call, out, n.heads, at, argument); s != Status::ok) return s;

    ++argument;
    const std::int64_t keys = call.cache != nullptr ? call.cache->size() : call.key.tokens;
    if (const Status s = check_how(call.how, call.query.batches, keys); s != Status::ok) return s;
    if (call.cache != nullptr) {
        if (const Status s = call.cache.code().check_ring(call); s != Status::ok) return s;
    }
    return check_features(call, argument);
}

}  // namespace

Result check_call(const AttendCall& call) noexcept {
    int argument = 1;
    const Status s = check_all(call, argument);
    return {s, static_cast<std::uint8_t>(s == Status::ok ? 0 : argument)};
}

}  // namespace headroom::detail
