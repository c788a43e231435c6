// attend() on tensors and on caches, cut into calls.
#include "bits/features.hpp"
#include "bits/run.hpp"
#include "bits/sequence.hpp"
#include "bits/tensors.hpp"

namespace headroom::bits {
namespace {

struct Tensors {
    hr_tensor query, key, value, out;

    Tensors(const Configuration& c, const Visibility& seen, Inputs& inputs, int queries, int keys)
        : query(take_tensor(c.layout, c.batches, queries, c.heads, c.key_width)),
          key(take_tensor(c.layout, c.batches, keys, c.kv_heads, c.key_width)),
          value(take_tensor(c.layout, c.batches, keys, c.kv_heads, c.value_width)),
          out(take_tensor(c.layout, c.batches, queries, c.heads, c.value_width)) {
        fill(query, inputs);
        fill(key, inputs);
        fill(value, inputs);
        if (c.in_place) {
            out = query;
            out.width = c.value_width;
        }
        if (c.poison == Poison::hidden) hide(c, seen);
        if (keys > 0) place(c.poison, inputs);
    }

private:
    // NaN where a sequence has ended, infinity in the last token.
    void hide(const Configuration& c, const Visibility& seen) const {
        for (int b = 0; b < c.batches; ++b)
            for (int t = static_cast<int>(seen.lengths[b]); t < c.keys; ++t)
                for (int h = 0; h < c.kv_heads; ++h) {
                    const float with = t == c.keys - 1 ? infinity : poison_nan();
                    std::fill_n(row_of(key, b, t, h), c.key_width, with);
                    std::fill_n(row_of(value, b, t, h), c.value_width, with);
                }
    }

    void place(Poison poison, Inputs& inputs) const {
        const auto one = [&](const hr_tensor& t, float with) {
            const auto below = [&](std::ptrdiff_t n) { return inputs.number(static_cast<int>(n)); };
            // One after the other: compilers differ in the order of a call's arguments.
            const std::ptrdiff_t batch = below(t.batches);
            const std::ptrdiff_t token = t.tokens / 2 + below(t.tokens - t.tokens / 2);
            const std::ptrdiff_t head = below(t.heads), element = below(t.width);
            row_of(t, batch, token, head)[element] = with;
        };
        if (poison == Poison::value_nan) one(value, poison_nan());
        if (poison == Poison::value_inf) one(value, infinity);
        if (poison == Poison::key_nan) one(key, poison_nan());
        if (poison == Poison::key_inf) one(key, -infinity);
        if (poison == Poison::query) one(query, poison_nan());
    }
};

// One sequence on one port: its calls go through here.
class Attending {
public:
    Attending(const Configuration& configuration, const hr_port* port, Record& record, int more)
        : c(configuration),
          inputs(c.seed),
          seen(c, inputs),
          features(c, inputs, c.queries + more, c.keys + more),
          t(c, seen, inputs, c.queries + more, c.keys + more),
          port_(port),
          record_(record) {
        const std::size_t bytes = hr_attend_scratch_bytes(c.queries + more, c.heads, c.kv_heads,
                                                          c.key_width, features.workers());
        scratch_ = take_bytes(bytes);
    }

    // Queries first ... first + count - 1 attend to the cache, or to all keys if there is none.
    void attend(const hr_cache* cache, int first, int count, const char* what = "out") {
        const hr_const_tensor query = read_only(tokens_of(t.query, first, count));
        const hr_tensor out = tokens_of(t.out, first, count);
        const hr_attention* const how = seen.from(first);
        const hr_features* const with = features.from(first);
        must(cache != nullptr ? hr_attend_cached(port_, query, cache, out, scratch_, how, with)
                              : hr_attend(port_, query, read_only(t.key), read_only(t.value), out,
                                          scratch_, how, with),
             what);
        record_tensor(record_, what, out);
        int keys = cache != nullptr ? static_cast<int>(hr_cache_size(cache)) : c.keys;
        if (c.is_ring()) keys = std::min(keys, c.window + c.sinks + c.max_queries);
        features.record(record_, count, keys);
        record_.spend(std::int64_t{c.batches} * c.heads * count * keys *
                      (c.key_width + c.value_width));
    }

    void append(hr_cache* cache, int first, int count) {
        must(hr_cache_append(cache, read_only(tokens_of(t.key, first, count)),
                             read_only(tokens_of(t.value, first, count))),
             "append");
    }

    const Configuration& c;
    Inputs inputs;
    Visibility seen;
    Features features;
    Tensors t;

private:
    const hr_port* port_;
    Record& record_;
    hr_memory scratch_ = {};
};

hr_cache open_cache(const hr_cache_shape& shape) {
    hr_cache cache = {};
    must(hr_cache_open(&cache, &shape, take_bytes(hr_cache_bytes(&shape))), "open");
    return cache;
}

// Tokens and queries arrive together; the slots are used again and again.
void fill_ring(Attending& a, hr_cache& cache, int first, int tokens) {
    for_each_cut(tokens, a.c.longest_call, a.inputs, [&](int at, int count) {
        a.append(&cache, first + at, count);
        a.attend(&cache, first + at, count);
    });
}

}  // namespace

void run_attend(const Configuration& c, const hr_port* port, Record& record) {
    Attending a(c, port, record, 0);
    for_each_cut(c.queries, c.longest_call, a.inputs,
                 [&](int first, int count) { a.attend(nullptr, first, count); });
}

void run_cached(const Configuration& c, const hr_port* port, Record& record) {
    Attending a(c, port, record, 1);
    const hr_cache_shape shape = {.kv_heads = c.kv_heads,
                                  .key_width = c.key_width,
                                  .value_width = c.value_width,
                                  .max_keys = c.is_ring() ? 0 : c.keys + 3,
                                  .window = c.window,
                                  .sinks = c.sinks,
                                  .max_queries = c.max_queries};
    hr_cache cache = open_cache(shape), beam = open_cache(shape);
    if (c.is_ring()) {
        fill_ring(a, cache, 0, c.keys);
    } else {
        for_each_cut(c.keys, 40, a.inputs, [&](int first, int n) { a.append(&cache, first, n); });
        for_each_cut(c.queries, c.longest_call, a.inputs,
                     [&](int first, int count) { a.attend(&cache, first, count); });
    }

    // The newest tokens are taken back, as a rejected guess is; a ring may have lost what is before
    // them.
    const int kept = c.keys - c.dropped;
    const hr_result back = hr_cache_truncate(&cache, kept);
    record.number("truncated", static_cast<std::uint64_t>(back.status));
    if (back.status == HR_OK && c.is_ring()) fill_ring(a, cache, kept, c.dropped);
    if (back.status == HR_OK && !c.is_ring()) {
        a.append(&cache, 0, c.dropped);
        a.attend(&cache, 0, std::min(c.queries, c.dropped), "again");
    }

    must(hr_cache_copy(&beam, &cache), "copy");
    a.append(&beam, c.keys, 1);
    a.attend(&beam, c.queries, 1, "beam");
}

}  // namespace headroom::bits
