// hr_attend() and hr_attend_cached() on a configuration.
#include "c/hash.h"

static hr_const_tensor view(const float* data, size_t count, bool head_major, int batches,
                            int tokens, int heads, int width) {
    return head_major ? hr_const_head_major(data, count, batches, heads, tokens, width)
                      : hr_const_token_major(data, count, batches, tokens, heads, width);
}

// Fills a cache in two pieces, a beam from it, and attends to the beam.
static hr_result attend_through_cache(const hr_port* port, hr_const_tensor query,
                                      hr_const_tensor key, hr_const_tensor value, hr_tensor out,
                                      hr_memory scratch, const hr_attention* how,
                                      const hr_features* features) {
    HR_ALIGNED static unsigned char states[2][1 << 16];
    const hr_cache_shape shape = {.kv_heads = (int)key.heads,
                                  .key_width = (int)key.width,
                                  .value_width = (int)value.width,
                                  .max_keys = key.tokens + 5};
    hr_cache caches[2];
    for (int i = 0; i < 2; ++i) {
        memset(states[i], 0, sizeof states[i]);
        must(hr_cache_open(&caches[i], &shape, hr_bytes(states[i], sizeof states[i])), "open");
    }
    const ptrdiff_t half = key.tokens / 2;
    for (int piece = 0; piece < 2; ++piece) {
        hr_const_tensor k = key, v = value;
        k.tokens = v.tokens = piece == 0 ? half : key.tokens - half;
        if (piece == 1) k.data += half * key.token_stride, v.data += half * value.token_stride;
        must(hr_cache_append(&caches[0], k, v), "append");
    }
    must(hr_cache_copy(&caches[1], &caches[0]), "copy");
    return hr_attend_cached(port, query, &caches[1], out, scratch, how, features);
}

void hash_attend(const hr_port* port, const struct attend_configuration* c, struct inputs* in,
                 uint64_t* hash) {
    static struct feature_memory memory;
    static float result[4096];
    HR_ALIGNED static unsigned char scratch[HR_ATTEND_SCRATCH_BYTES(48, 6, 1, 24, WORKERS)];

    const size_t out_count = (size_t)(c->batches * c->queries * c->heads * c->value_width);
    const struct feature_sizes sizes = {c->batches,  c->queries,   c->keys,       c->heads,
                                        c->kv_heads, c->key_width, c->value_width};
    if (c->features & WITH_NAN)
        in->value[c->batches * c->keys * c->kv_heads * c->value_width - 1] = not_a_number();
    const hr_attention how = {.scale = c->scale,
                              .causal = c->causal,
                              .first_position = c->first_position,
                              .keys_left = c->keys_left,
                              .keys_right = c->keys_right,
                              .sink_tokens = c->sink_tokens,
                              .valid_keys = c->valid_keys ? in->valid_keys : NULL,
                              .first_positions = c->first_positions ? in->first_positions : NULL,
                              .batches = (size_t)c->batches};
    const hr_features features = bind_features(c->features, sizes, c->stage, in, &memory, hash);
    const hr_const_tensor q = view(in->query, sizeof in->query / sizeof(float), c->head_major,
                                   c->batches, c->queries, c->heads, c->key_width),
                          k = view(in->key, sizeof in->key / sizeof(float), c->head_major,
                                   c->batches, c->keys, c->kv_heads, c->key_width),
                          v = view(in->value, sizeof in->value / sizeof(float), c->head_major,
                                   c->batches, c->keys, c->kv_heads, c->value_width);
    const hr_tensor out =
        c->head_major
            ? hr_head_major(result, out_count, c->batches, c->heads, c->queries, c->value_width)
            : hr_token_major(result, out_count, c->batches, c->queries, c->heads, c->value_width);
    const hr_memory room = hr_bytes(scratch, sizeof scratch);
    must(c->cached ? attend_through_cache(port, q, k, v, out, room, &how, &features)
                   : hr_attend(port, q, k, v, out, room, &how, &features),
         "attend");
    add_floats(hash, result, out_count);
    if (c->features & WITH_STATISTICS) add_statistics(hash, &memory.statistics);
}
