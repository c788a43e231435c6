// The bits that the C interface gives for the configurations, as hashes; hash.cpp prints the same.
#include "c/hash.h"

#include <stdio.h>
#include <stdlib.h>

void must(hr_result result, const char* what) {
    if (result.status == HR_OK) return;
    fprintf(stderr, "%s: %s (argument %d)\n", what, hr_describe(result.status), result.argument);
    exit(1);
}

static void add_block(void* context, const hr_weights_block* block) {
    uint64_t* hash = context;
    add_number(hash, (uint64_t)block->batch);
    add_number(hash, (uint64_t)block->head);
    add_number(hash, (uint64_t)block->query);
    add_number(hash, (uint64_t)block->first_key);
    add_floats(hash, block->values, block->count);
}

void add_statistics(uint64_t* hash, const hr_statistics* statistics) {
    for (size_t i = 0; i < statistics->count; ++i) {
        const hr_head_statistics* head = &statistics->heads[i];
        add_number(hash, (uint64_t)head->rows);
        add_floats(hash, &head->entropy, 1);
        add_floats(hash, &head->largest_weight, 1);
        add_number(hash, (uint64_t)head->query);
        add_number(hash, (uint64_t)head->key);
    }
}

static void fill_memory(struct feature_sizes s, int stage, const struct inputs* in,
                        struct feature_memory* m, uint64_t* hash) {
    const size_t heads = (size_t)s.heads;
    m->softcap = 1.5f;
    m->slopes = (hr_floats){in->slopes, heads};
    m->sinks = (hr_floats){in->sinks, heads};
    m->bias = (hr_float_mask){.data = in->bias,
                              .count = sizeof in->bias / sizeof(float),
                              .keys = s.keys,
                              .head_stride = s.queries * s.keys,
                              .query_stride = s.keys};
    m->mask = (hr_bool_mask){.data = in->mask,
                             .count = sizeof in->mask / sizeof(bool),
                             .keys = s.keys - 1,
                             .batch_stride = s.queries * s.keys,
                             .query_stride = s.keys,
                             .key_stride = 1};
    m->extra_key.key = (hr_floats){in->extra_key, (size_t)(s.kv_heads * s.key_width)};
    m->extra_key.value = (hr_floats){in->extra_value, (size_t)(s.kv_heads * s.value_width)};
    m->kept_heads = (hr_bools){in->keep, heads};
    m->weights = (hr_weights_callback){stage, hash, add_block};
    m->statistics = (hr_statistics){m->heads, (size_t)(s.batches * s.heads)};
    m->workers = WORKERS;
    m->executor = (hr_executor){WORKERS, &m->workers, run_backwards};
}

hr_features bind_features(int which, struct feature_sizes sizes, int stage, const struct inputs* in,
                          struct feature_memory* m, uint64_t* hash) {
    hr_features features = {0};
    fill_memory(sizes, stage, in, m, hash);
    if (which & WITH_SOFTCAP) features.softcap = &m->softcap;
    if (which & WITH_ALIBI) features.alibi_slopes = &m->slopes;
    if (which & WITH_BIAS) features.score_bias = &m->bias;
    if (which & WITH_MASK) features.bool_mask = &m->mask;
    if (which & WITH_SINKS) features.sink_logits = &m->sinks;
    if (which & WITH_EXTRA_KEY) features.extra_key = &m->extra_key;
    if (which & WITH_ZERO_KEY) features.zero_key = true;
    if (which & WITH_HEAD_MASK) features.kept_heads = &m->kept_heads;
    if (which & WITH_WEIGHTS) features.weights = &m->weights;
    if (which & WITH_STATISTICS) features.statistics = &m->statistics;
    if (which & WITH_EXECUTOR) features.executor = &m->executor;
    if (which & WITH_TABLES) features.rotary_tables = &m->tables;
    if (which & WITH_COMPUTED) features.rotary_computed = &m->computed;
    return features;
}

int main(void) {
    enum { ALL = ATTEND_CONFIGURATIONS + LAYER_CONFIGURATIONS + ROTARY_CONFIGURATIONS };
    static struct inputs in;
    for (size_t p = 0; p < hr_port_count(); ++p) {
        const hr_port* port = hr_port_at(p);
        if (!hr_port_supported(port)) continue;
        uint64_t all = 0xcbf29ce484222325u;
        for (int i = 0; i < ALL; ++i) {
            const int layer = i - ATTEND_CONFIGURATIONS, rotary = layer - LAYER_CONFIGURATIONS;
            uint64_t hash = 0xcbf29ce484222325u;
            fill_inputs(&in, (uint32_t)i + 1);
            if (layer < 0) hash_attend(port, &attend_configurations[i], &in, &hash);
            if (rotary >= 0) hash_rotary(port, &rotary_configurations[rotary], &in, &hash);
            if (layer >= 0 && rotary < 0)
                hash_layer(port, &layer_configurations[layer], &in, &hash);
            printf("%s %d %016llx\n", hr_port_name(port), i, (unsigned long long)hash);
            add_number(&all, hash);
        }
        printf("%s: all %016llx\n", hr_port_name(port), (unsigned long long)all);
    }
    return 0;
}
