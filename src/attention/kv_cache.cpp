// The cache's memory: a header, the panels of the keys, the rows of the values (drawn at
// state_bytes()).
#include <headroom/kv_cache.hpp>

#include "attention/memory.hpp"
#include "attention/plan.hpp"
#include "attention/put_tokens.hpp"

namespace headroom {
namespace detail {
namespace {

// All that a cache remembers. Of a ring, tokens from the end of the fixed panels up to `kept` have
// been overwritten; 0 if none has. The size alone does not tell: after truncate(), slots still hold
// what came later.
struct CacheHeader {
    std::int64_t size;
    std::int64_t kept;
};
static_assert(sizeof(CacheHeader) <= header_bytes);

struct CacheMemory {
    CacheHeader* header;
    float* keys;
    float* values;
    Index slots;
    Storage storage;
};

CacheMemory memory_of(const CacheShape& shape, const std::byte* state) noexcept {
    const Storage storage =
        storage_of(shape.max_keys, shape.window, shape.sinks, shape.max_queries);
    const Index slots = static_cast<Index>(storage.panels()) * kLanes;
    auto* bytes = const_cast<std::byte*>(state);
    const std::size_t keys =
        floats(static_cast<std::size_t>(shape.kv_heads * slots * shape.key_width));
    return {reinterpret_cast<CacheHeader*>(bytes), reinterpret_cast<float*>(bytes + header_bytes),
            reinterpret_cast<float*>(bytes + header_bytes + keys), slots, storage};
}

// A handle is two words and a shape; const methods of KvCache still write through it to the
// caller's memory.
CacheHeader read_header(const std::byte* state) noexcept {
    CacheHeader header;
    __builtin_memcpy(&header, state, sizeof header);
    return header;
}
void write_header(std::byte* state, const CacheHeader& header) noexcept {
    __builtin_memcpy(state, &header, sizeof header);
}

// What `kept` becomes when a ring has grown to `size` tokens: token t lies in the slot of token t +
// 16 * ring.
std::int64_t kept_after(const Storage& storage, const CacheHeader& before,
                        std::int64_t size) noexcept {
    const std::int64_t first = size - storage.ring * kLanes;
    return storage.ring == 0 || first <= storage.fixed * kLanes || first < before.kept ? before.kept
                                                                                       : first;
}

}  // namespace

// A ring never overwrites the panels of its sinks, a contiguous cache nothing.
CacheTokens tokens_of(const KvCache& cache) noexcept {
    const CacheHeader header = read_header(cache.state().data());
    if (header.kept == 0) return {header.size, 0, 0};
    const std::int64_t fixed = panels_of(cache.shape().sinks) * kLanes;
    return {header.size, fixed < header.kept ? fixed : header.kept, header.kept};
}

void place_cache(const KvCache& cache, Plan& plan) noexcept {
    const CacheShape& shape = cache.shape();
    const CacheMemory m = memory_of(shape, cache.state().data());
    plan.key = m.keys;
    plan.value = m.values;
    plan.key_head = m.slots * shape.key_width;
    plan.value_head = m.slots * shape.value_width;
    plan.kv_heads = shape.kv_heads;
    Tile& tile = plan.tile;
    tile.source.key_stride = 0;
    tile.source.value_stride = shape.value_width;
    tile.source.panels = true;
    tile.source.storage = m.storage;
    tile.stored = cache.size();
}

bool place_one(const KvCache& cache, OneTask& task) noexcept {
    const CacheShape& shape = cache.shape();
    if (shape.window != 0) return false;
    const CacheMemory m = memory_of(shape, cache.state().data());
    task.key = m.keys;
    task.value = m.values;
    task.keys = static_cast<Index>(cache.size());
    task.panels = m.slots / kLanes;
    task.key_stride = 0;
    task.value_stride = shape.value_width;
    return true;
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

constinit const CacheCode cache_code = {place_cache, tokens_of, check_ring};

}  // namespace detail

using namespace detail;

Result KvCache::open(const CacheShape& shape, std::span<std::byte> state) noexcept {
    const std::size_t bytes = state_bytes(shape);
    if (bytes == 0) return {Status::bad_shape, 1};
    if (const Status s = check_arena(state, bytes); s != Status::ok) return {s, 2};
    const CacheHeader header = read_header(state.data());
    const std::int64_t most = shape.window > 0 ? largest : shape.max_keys;
    const Storage storage =
        storage_of(shape.max_keys, shape.window, shape.sinks, shape.max_queries);
    const bool kept =
        header.kept == 0 || (shape.window > 0 && header.kept > storage.fixed * kLanes);
    if (header.size < 0 || header.size > most || header.kept < 0 || header.kept > header.size ||
        !kept || kept_after(storage, header, header.size) != header.kept) {
        return {Status::bad_state, 2};
    }
    shape_ = shape;
    state_ = state.data();
    bytes_ = bytes;
    return {};
}

std::int64_t KvCache::size() const noexcept {
    std::int64_t size = 0;  // the header's first number
    if (is_open()) __builtin_memcpy(&size, state_, sizeof size);
    return size;
}

std::int64_t KvCache::capacity() const noexcept {
    return !is_open() ? 0 : shape_.window > 0 ? largest : shape_.max_keys;
}

void KvCache::clear() noexcept {
    if (is_open()) write_header(state_, {});
}

Result KvCache::truncate(std::int64_t tokens) noexcept {
    if (!is_open()) return {Status::not_open, 0};
    CacheHeader header = read_header(state_);
    if (tokens < 0 || tokens > header.size) return {Status::bad_value, 1};
    const Storage storage = memory_of(shape_, state_).storage;
    // The next query stands at `tokens` and reaches back window - 1 keys, all of which must be
    // stored still.
    const std::int64_t fixed = storage.fixed * kLanes, back = tokens - shape_.window + 1;
    if ((back > fixed ? back : fixed) < (tokens < header.kept ? tokens : header.kept))
        return {Status::bad_value, 1};
    header.size = tokens;
    if (header.kept > tokens) header.kept = tokens;  // what comes from here on will be fresh
    if (header.kept <= fixed) header.kept = 0;
    write_header(state_, header);
    return {};
}

Result KvCache::append(const ConstTensor& key, const ConstTensor& value) noexcept {
    if (!is_open()) return {Status::not_open, 0};
    const Index tokens = key.tokens;
    if (key.batches != 1 || key.heads != shape_.kv_heads || key.width != shape_.key_width ||
        (shape_.window > 0 && tokens > shape_.max_queries)) {
        return {Status::bad_shape, 1};
    }
    Range keys, values;
    if (const Status s = check_tensor(key, keys); s != Status::ok) return {s, 1};
    if (value.batches != 1 || value.heads != shape_.kv_heads || value.width != shape_.value_width ||
        value.tokens != tokens) {
        return {Status::bad_shape, 2};
    }
    if (const Status s = check_tensor(value, values); s != Status::ok) return {s, 2};
    if (overlap(keys, range_of(state()))) return {Status::overlap, 1};
    if (overlap(values, range_of(state()))) return {Status::overlap, 2};
    CacheHeader header = read_header(state_);
    if (tokens > capacity() - header.size) return {Status::cache_full, 1};

    const CacheMemory m = memory_of(shape_, state_);
    const Index key_width = shape_.key_width, value_width = shape_.value_width;
    const KeyValues to{m.keys, m.values, 0, value_width, true, m.storage};
    for (Index t = 0, n = 0; t < tokens; t += n) {  // as many tokens as lie in one panel
        const std::int64_t token = header.size + t;
        n = smaller(kLanes - static_cast<Index>(token % kLanes), tokens - t);
        const KeyRun lane = key_run(to, key_width, token, n);
        const ValueRun rows = value_run(to, token, n);
        for (Index h = 0; h < shape_.kv_heads; ++h) {
            put_in_lanes(key.data.data() + h * key.head_stride + t * key.token_stride,
                         key.token_stride, n, key_width,
                         const_cast<float*>(lane.key) + h * m.slots * key_width, lane.dim_step);
            put_rows(value.data.data() + h * value.head_stride + t * value.token_stride,
                     value.token_stride, n, value_width,
                     const_cast<float*>(rows.value) + h * m.slots * value_width);
        }
    }
    header.size += tokens;
    header.kept = kept_after(m.storage, header, header.size);
    write_header(state_, header);
    return {};
}

Result KvCache::copy_from(const KvCache& other) noexcept {
    if (!is_open()) return {Status::not_open, 0};
    if (!other.is_open()) return {Status::not_open, 1};
    const CacheShape &a = shape_, &b = other.shape_;
    if (a.kv_heads != b.kv_heads || a.key_width != b.key_width || a.value_width != b.value_width ||
        a.max_keys != b.max_keys || a.window != b.window || a.sinks != b.sinks ||
        a.max_queries != b.max_queries) {
        return {Status::bad_shape, 1};
    }
    if (state_ == other.state_) return {};
    if (overlap(range_of(state()), range_of(other.state()))) return {Status::overlap, 1};

    const CacheMemory to = memory_of(shape_, state_), from = memory_of(b, other.state_);
    const CacheHeader header = read_header(other.state_);
    const std::int64_t panels = panels_of(header.size), all = from.storage.panels();
    const Index used = static_cast<Index>(header.kept > 0 ? all : panels);
    // Whole groups: the lanes of panels side by side are interleaved.
    const Index groups = (used + group_panels - 1) / group_panels * group_panels;
    const Index key_slots = smaller(groups * kLanes, from.slots), value_slots = used * kLanes;
    for (Index h = 0; h < a.kv_heads; ++h) {
        const Index k = h * from.slots * a.key_width, v = h * from.slots * a.value_width;
        __builtin_memcpy(to.keys + k, from.keys + k,
                         static_cast<std::size_t>(key_slots * a.key_width) * sizeof(float));
        __builtin_memcpy(to.values + v, from.values + v,
                         static_cast<std::size_t>(value_slots * a.value_width) * sizeof(float));
    }
    write_header(state_, header);
    return {};
}

}  // namespace headroom
