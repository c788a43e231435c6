#include "bits/features.hpp"

#include "bits/arena.hpp"

namespace headroom::bits {
namespace {

void add_block(void* context, const hr_weights_block* block) {
    auto& sum = *static_cast<std::uint64_t*>(context);
    for (std::size_t j = 0; j < block->count; ++j) {
        std::uint64_t hash = 0xcbf29ce484222325u;
        for (const std::int64_t n : {static_cast<std::int64_t>(block->batch * 64 + block->head),
                                     static_cast<std::int64_t>(block->query),
                                     block->first_key + static_cast<std::int64_t>(j)}) {
            hash = (hash ^ static_cast<std::uint32_t>(n)) * 0x100000001b3u;
        }
        sum += (hash ^ test::bits_of(block->values[j])) * 0x100000001b3u;
    }
}

// The last task first, by workers in turns.
void run_backwards(void*, int tasks, hr_task task, void* argument) {
    for (int i = tasks - 1; i >= 0; --i) task(argument, i, i % 3);
}

constexpr std::size_t size(std::ptrdiff_t n) { return static_cast<std::size_t>(n); }

}  // namespace

hr_rotary_parameters rotary_parameters(const Configuration& c) {
    return {.dim = c.rotary_dim,
            .base = static_cast<double>(c.base),
            .scaling = c.scaling,
            .factor = static_cast<double>(c.factor),
            .original_positions = c.original_positions,
            .beta_fast = 0.0,
            .beta_slow = 0.0,
            .attention_factor = c.attention_factor_8ths / 8.0};
}

Features::Features(const Configuration& configuration, Inputs& inputs, int rows, int keys)
    : configuration_(configuration) {
    const Configuration& c = configuration_;
    const int all = c.batches * c.heads;
    cap_ = static_cast<float>(c.cap_eighths) / 8.0f;
    if (c.has(softcap)) features_.softcap = &cap_;
    make_scores(inputs, rows, keys);
    make_keys(inputs);
    if (c.has(kept_heads)) {
        bool* const kept = take<bool>(c.heads);
        for (int h = 0; h < c.heads; ++h) kept[h] = inputs.number(4) != 0;
        kept_ = {kept, size(c.heads)};
        features_.kept_heads = &kept_;
    }
    if (c.has(weights)) {
        weights_ = {c.stage, &shown_, add_block};
        features_.weights = &weights_;
    }
    if (c.has(statistics)) {
        statistics_ = {take<hr_head_statistics>(all), size(all)};
        features_.statistics = &statistics_;
    }
    if (c.has(executor)) {
        executor_ = {3, nullptr, run_backwards};
        append_.executor = features_.executor = &executor_;
    }
    make_rotary(c.first_position + rows + keys);
}

// ALiBi, biases and masks. A row in eight is masked altogether.
void Features::make_scores(Inputs& inputs, int rows, int keys) {
    const Configuration& c = configuration_;
    const int heads = c.for_heads ? c.heads : 1, elements = heads * rows * keys;
    if (c.has(alibi)) {
        float* const slopes = take<float>(c.heads);
        inputs.fill(slopes, c.heads, 4);
        slopes_ = {slopes, size(c.heads)};
        features_.alibi_slopes = &slopes_;
    }
    const std::ptrdiff_t head_stride = c.for_heads ? rows * keys : 0;
    if (c.has(bias)) {
        float* const values = take<float>(elements);
        inputs.fill(values, elements);
        for (int i = 0; i < elements; ++i)
            if (inputs.number(5) == 0) values[i] = -infinity;
        all_bias_ = {values, size(elements), keys, 0, head_stride, keys, 1};
        features_.score_bias = &bias_;
    }
    if (c.has(mask)) {
        bool* const visible = take<bool>(elements);
        for (int row = 0; row < heads * rows; ++row) {
            const bool nothing = inputs.number(8) == 0;
            for (int j = 0; j < keys; ++j)
                visible[row * keys + j] = !nothing && inputs.number(4) != 0;
        }
        all_mask_ = {visible, size(elements), keys, 0, head_stride, keys, 1};
        features_.bool_mask = &mask_;
    }
}

// What joins the keys of a row.
void Features::make_keys(Inputs& inputs) {
    const Configuration& c = configuration_;
    if (c.has(sink_logits)) {
        float* const logits = take<float>(c.heads);
        inputs.fill(logits, c.heads);
        sinks_ = {logits, size(c.heads)};
        features_.sink_logits = &sinks_;
    }
    if (c.has(extra_key)) {
        const int k = c.kv_heads * c.key_width, v = c.kv_heads * c.value_width;
        float *const key = take<float>(k), *const value = take<float>(v);
        inputs.fill(key, k);
        inputs.fill(value, v);
        extra_ = {{key, size(k)}, {value, size(v)}};
        features_.extra_key = &extra_;
    }
    features_.zero_key = c.has(zero_key);
}

void Features::make_rotary(int positions) {
    const Configuration& c = configuration_;
    if (c.has(computed)) {
        computed_ = {rotary_parameters(c), c.pairs};
        append_.rotary_computed = features_.rotary_computed = &computed_;
    }
    if (c.has(tables)) {
        const hr_rotary_parameters parameters = rotary_parameters(c);
        const std::size_t count = hr_rotary_table_size(c.rotary_dim, positions);
        float *const cos = take<float>(static_cast<std::ptrdiff_t>(count)),
                     *const sin = take<float>(static_cast<std::ptrdiff_t>(count));
        must(hr_build_rotary(&parameters, 0, positions, cos, sin, count), "rotary tables");
        tables_ = {c.rotary_dim, c.pairs, positions, cos, sin, count};
        append_.rotary_tables = features_.rotary_tables = &tables_;
    }
}

const hr_features* Features::from(int first) {
    shown_ = 0;
    const auto skip = [&](auto& field, const auto& all) {
        field = all;
        if (all.data == nullptr) return;
        field.data += first * all.query_stride;
        field.count -= size(first * all.query_stride);
    };
    skip(bias_, all_bias_);
    skip(mask_, all_mask_);
    return configuration_.features == 0 ? nullptr : &features_;
}

const hr_features* Features::for_append() const { return &append_; }

void Features::record(Record& record, int queries, int keys) {
    const Configuration& c = configuration_;
    const std::int64_t scores =
        std::int64_t{2} * c.batches * c.heads * queries * keys * c.key_width;
    if (c.has(weights)) {
        record.number("weights", shown_);
        record.spend(scores);
    }
    if (!c.has(statistics)) return;
    record.spend(scores);
    for (std::size_t h = 0; h < statistics_.count; ++h) {
        const hr_head_statistics& head = statistics_.heads[h];
        record.number("rows", static_cast<std::uint64_t>(head.rows));
        record.floats("entropy", &head.entropy, 1, 1, 0);
        record.floats("largest", &head.largest_weight, 1, 1, 0);
        record.number("query", static_cast<std::uint64_t>(std::int64_t{head.query}));
        record.number("key", static_cast<std::uint64_t>(head.key));
    }
}

}  // namespace headroom::bits
