// A layer on a configuration: packed, opened, called, its cache copied and cut back.
#include "c/hash.h"

HR_ALIGNED static unsigned char weights[1 << 17];
HR_ALIGNED static unsigned char state[1 << 16], beam[1 << 16];
HR_ALIGNED static unsigned char scratch[1 << 18];
static float out[2048];

static hr_shape shape_of(const struct layer_configuration* c) {
    const hr_shape shape = {.model_dim = c->model_dim,
                            .heads = c->heads,
                            .kv_heads = c->kv_heads,
                            .head_dim = c->head_dim,
                            .value_dim = c->value_dim,
                            .key_source_dim = c->key_source_dim,
                            .value_source_dim = c->value_source_dim,
                            .output_dim = c->output_dim,
                            .extra_key = c->extra_key,
                            .rotary_dim = c->rotary_dim,
                            .max_queries = c->max_queries,
                            .max_keys = c->max_keys,
                            .window = c->window,
                            .sinks = c->sinks};
    return shape;
}

// The defaults of hr_shape, written out once more.
static struct layer_configuration resolved(struct layer_configuration c) {
    if (c.kv_heads == 0) c.kv_heads = c.heads;
    if (c.head_dim == 0) c.head_dim = c.model_dim / c.heads;
    if (c.value_dim == 0) c.value_dim = c.head_dim;
    if (c.key_source_dim == 0) c.key_source_dim = c.model_dim;
    if (c.value_source_dim == 0) c.value_source_dim = c.model_dim;
    if (c.output_dim == 0) c.output_dim = c.model_dim;
    return c;
}

static void open_layer(const hr_port* port, const struct layer_configuration* c,
                       const struct inputs* in, hr_layer* layer) {
    const struct layer_configuration r = resolved(*c);
    const size_t q = (size_t)(r.heads * r.head_dim), k = (size_t)(r.kv_heads * r.head_dim),
                 v = (size_t)(r.kv_heads * r.value_dim), o = (size_t)(r.heads * r.value_dim);
    const size_t output = (size_t)r.output_dim;
    hr_tensors tensors = {.query_weight = {in->matrices[0], q * (size_t)r.model_dim},
                          .key_weight = {in->matrices[1], k * (size_t)r.key_source_dim},
                          .value_weight = {in->matrices[2], v * (size_t)r.value_source_dim},
                          .output_weight = {in->matrices[3], output * o}};
    if (c->biases) {
        tensors.query_bias = (hr_floats){in->biases[0], q};
        tensors.key_bias = (hr_floats){in->biases[1], k};
        tensors.value_bias = (hr_floats){in->biases[2], v};
        tensors.output_bias = (hr_floats){in->biases[3], output};
    }
    if (c->extra_key) {
        tensors.extra_key = (hr_floats){in->extra_key, k};
        tensors.extra_value = (hr_floats){in->extra_value, v};
    }
    const hr_shape shape = shape_of(c);
    must(hr_pack_weights(&shape, &tensors, hr_bytes(weights, sizeof weights)), "pack");
    must(hr_layer_open(layer, &shape, port, hr_const_bytes(weights, sizeof weights)), "open");
}

static void build_rotary(const struct layer_configuration* c, struct feature_memory* m) {
    const hr_rotary_parameters parameters = {.dim = c->rotary_dim,
                                             .base = 5000.0,
                                             .scaling = c->scaling,
                                             .factor = 3.0,
                                             .original_positions = 16,
                                             .beta_slow = 0.5};
    m->computed.parameters = parameters;
    m->computed.pairs = c->interleaved ? HR_ROTARY_INTERLEAVED : HR_ROTARY_HALVES;
    if (!(c->features & WITH_TABLES)) return;
    const size_t count = hr_rotary_table_size(c->rotary_dim, POSITIONS);
    must(hr_build_rotary(&parameters, 0, POSITIONS, m->cos, m->sin, count), "rotary tables");
    m->tables =
        (hr_rotary_tables){c->rotary_dim, m->computed.pairs, POSITIONS, m->cos, m->sin, count};
}

// The newest token is taken back and given again, in a copy of the state.
static void repeat_in_beam(const hr_layer* layer, hr_const_rows last, const hr_attention* how,
                           const hr_features* features, int output_dim, uint64_t* hash) {
    hr_cache from, to;
    memset(beam, 0, 64);
    must(hr_layer_cache(layer, hr_bytes(state, sizeof state), &from), "cache");
    must(hr_layer_cache(layer, hr_bytes(beam, sizeof beam), &to), "cache");
    must(hr_cache_copy(&to, &from), "copy");
    must(hr_cache_truncate(&to, hr_cache_size(&to) - 1), "truncate");
    must(hr_layer_forward(layer, last, hr_rows_of(out, (size_t)output_dim, 1, output_dim),
                          hr_bytes(beam, sizeof beam), hr_bytes(scratch, sizeof scratch), how,
                          features),
         "forward in a beam");
    add_floats(hash, out, (size_t)output_dim);
    add_number(hash, (uint64_t)hr_cache_size(&to));
}

// Everything that one configuration works with.
struct run {
    const struct layer_configuration* resolved;
    struct inputs* in;
    hr_layer layer;
    hr_attention how;
    hr_features features;
    uint64_t* hash;
};

static hr_memory room(void) { return hr_bytes(scratch, sizeof scratch); }

// The configuration's next `n` tokens, which come behind `done` others.
static void call_forward(struct run* run, int done, int n) {
    const struct layer_configuration* r = run->resolved;
    const hr_const_rows x = hr_const_rows_of(run->in->tokens + done * r->model_dim,
                                             (size_t)(n * r->model_dim), n, r->model_dim);
    const size_t count = (size_t)(n * r->output_dim);
    must(hr_layer_forward(&run->layer, x, hr_rows_of(out, count, n, r->output_dim),
                          hr_bytes(state, sizeof state), room(), &run->how, &run->features),
         "forward");
    add_floats(run->hash, out, count);
}

// The same as a context: keys and values of their own, with gaps between the rows.
static void append_context(struct run* run, int done, int n) {
    const struct layer_configuration* r = run->resolved;
    const size_t left = sizeof run->in->tokens / sizeof(float) - (size_t)done;
    const hr_const_rows keys = {run->in->context + done, left, n, r->key_source_dim,
                                r->key_source_dim + 1};
    const hr_const_rows values = {run->in->tokens + done, left, n, r->value_source_dim,
                                  r->value_source_dim + 2};
    must(hr_layer_append_context(&run->layer, keys, values, hr_bytes(state, sizeof state), room(),
                                 &run->features),
         "append");
}

static void attend_context(struct run* run) {
    const struct layer_configuration* r = run->resolved;
    const size_t all = sizeof run->in->tokens / sizeof(float);
    const size_t count = (size_t)(r->attends * r->output_dim);
    must(hr_layer_attend_context(
             &run->layer, hr_const_rows_of(run->in->query, all, r->attends, r->model_dim),
             hr_rows_of(out, count, r->attends, r->output_dim), hr_const_bytes(state, sizeof state),
             room(), &run->how, &run->features),
         "attend");
    add_floats(run->hash, out, count);
}

void hash_layer(const hr_port* port, const struct layer_configuration* c, struct inputs* in,
                uint64_t* hash) {
    static struct feature_memory memory;
    const struct layer_configuration r = resolved(*c);
    const struct feature_sizes sizes = {1, 20, 25, r.heads, r.kv_heads, r.head_dim, r.value_dim};
    struct run run = {.resolved = &r,
                      .in = in,
                      .how = {.causal = c->causal,
                              .first_position = 2,
                              .keys_left = c->keys_left,
                              .sink_tokens = c->sink_tokens},
                      .hash = hash};
    open_layer(port, c, in, &run.layer);
    build_rotary(c, &memory);
    run.features = bind_features(c->features, sizes, HR_STAGE_SOFTMAX, in, &memory, hash);
    memset(state, 0, 64);

    int done = 0;
    for (int i = 0; i < 4; ++i) {
        if (c->attends > 0)
            append_context(&run, done, c->calls[i]);
        else
            call_forward(&run, done, c->calls[i]);
        done += c->calls[i];
    }
    if (c->attends > 0)
        attend_context(&run);
    else
        repeat_in_beam(&run.layer,
                       hr_const_rows_of(in->tokens, (size_t)r.model_dim, 1, r.model_dim), &run.how,
                       &run.features, r.output_dim, hash);
    if (c->features & WITH_STATISTICS) add_statistics(hash, &memory.statistics);
}
