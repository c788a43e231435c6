// A configuration in words, and what it costs.
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "bits/configuration.hpp"

namespace headroom::bits {
namespace {

constexpr const char* kind_names[kinds] = {"attend",     "cached", "ring",  "layer",
                                           "layer-ring", "cross",  "rotary"};
constexpr const char* layout_names[] = {"", " by-head", " gaps"};
constexpr const char* poison_names[poisons] = {
    "", " hidden-nan", " value-nan", " value-inf", " key-nan", " key-inf", " query-nan"};
constexpr const char* feature_names[feature_bits] = {
    "softcap", "alibi",   "bias",       "mask",     "sink",   "extra",   "zero",
    "kept",    "weights", "statistics", "executor", "tables", "computed"};
constexpr const char* stage_names[] = {"raw", "softcap", "bias", "softmax"};
constexpr const char* scaling_names[] = {"plain", "linear", "ntk", "yarn"};

class Line {
public:
    explicit Line(char* text) : text_(text) { *text = '\0'; }

    [[gnu::format(printf, 2, 3)]] void add(const char* format, ...) {
        std::va_list arguments;
        va_start(arguments, format);
        const std::size_t used = std::strlen(text_);
        std::vsnprintf(text_ + used, line_length - used, format, arguments);
        va_end(arguments);
    }

private:
    char* text_;
};

void add_sizes(const Configuration& c, Line& line) {
    if (c.batches > 1) line.add(" b%d", c.batches);
    line.add(" q%d k%d h%d/%d w%d,%d", c.queries, c.keys, c.heads, c.kv_heads, c.key_width,
             c.value_width);
    line.add("%s cut%d", layout_names[static_cast<int>(c.layout)], c.longest_call);
    if (c.is_ring()) line.add(" ring%d+%d", c.window, c.sinks);
    if (c.is_layer()) {
        line.add(" model%d,%d,%d,%d slice%d", c.model_dim, c.key_source_dim, c.value_source_dim,
                 c.output_dim, c.max_queries);
        if (c.extra_in_weights) line.add(" extra-in-weights");
        if (c.in_place) line.add(" in-place");
    }
}

void add_visibility(const Configuration& c, Line& line) {
    if (c.scale_64ths != 0) line.add(" scale%d/64", c.scale_64ths);
    if (c.causal) line.add(" causal");
    if (c.first_position != 0) line.add(" at%d", c.first_position);
    if (c.keys_left > 0) line.add(" left%d", c.keys_left);
    if (c.keys_right > 0) line.add(" right%d", c.keys_right);
    if (c.sink_tokens > 0) line.add(" sinks%d", c.sink_tokens);
    if (c.lengths) line.add(" lengths");
    if (c.own_positions) line.add(" positions");
}

void add_rotary(const Configuration& c, Line& line) {
    line.add(" rot%d %s %s", c.rotary_dim, c.pairs == 0 ? "halves" : "interleaved",
             scaling_names[c.scaling]);
    line.add(" base%d", c.base);
    if (c.scaling != 0) line.add(" factor%d", c.factor);
    if (c.first_row != 0) line.add(" row%d", c.first_row);
}

std::int64_t projections(const Configuration& c) {
    const std::int64_t keys = std::int64_t{c.kv_heads} *
                              (c.key_width * c.key_source_dim + c.value_width * c.value_source_dim);
    const std::int64_t queries =
        std::int64_t{c.heads} * (c.key_width * c.model_dim + c.value_width * c.output_dim);
    return keys * c.keys + queries * c.queries;
}

}  // namespace

void describe(const Configuration& c, char* text) {
    Line line(text);
    line.add("%s", kind_names[static_cast<int>(c.kind)]);
    add_sizes(c, line);
    if (c.kind != Kind::rotary) add_visibility(c, line);
    if (c.rotary_dim > 0) add_rotary(c, line);
    for (int bit = 0; bit < feature_bits; ++bit) {
        if ((c.features & (1u << bit)) == 0) continue;
        line.add(" %s", feature_names[bit]);
        if (1u << bit == softcap) line.add("%d/8", c.cap_eighths);
        if (1u << bit == weights) line.add("-%s", stage_names[c.stage]);
    }
    line.add("%s", poison_names[static_cast<int>(c.poison)]);
}

std::int64_t expected_cost(const Configuration& c) {
    if (c.kind == Kind::rotary) return 0;
    const std::int64_t seen = c.is_ring() ? c.window + c.sinks + c.max_queries : c.keys + c.dropped;
    const int passes = (c.has(weights) ? 2 : 0) + (c.has(statistics) ? 2 : 0);
    const std::int64_t attention = std::int64_t{c.batches} * c.heads * (c.queries + c.dropped) *
                                   seen * (c.key_width * (1 + passes) + c.value_width);
    return attention + (c.is_layer() ? projections(c) : 0);
}

}  // namespace headroom::bits
