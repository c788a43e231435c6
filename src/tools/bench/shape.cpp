#include "tools/bench/shape.hpp"

#include <algorithm>
#include <array>
#include <sstream>

#include <headroom/cost.hpp>
#include <headroom/shape.hpp>

#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

//   name, model_dim, heads, kv_heads, width, tokens, keys, causal
const std::array<BenchShape, 12> all_named = {{
    {"attend_98", 0, 3, 3, 64, 98, 98, false},
    {"attend_197", 0, 3, 3, 64, 197, 197, false},
    {"attend_1500", 0, 6, 6, 64, 1500, 1500, false},
    {"causal_512", 0, 8, 8, 128, 512, 512, true},
    {"decode_512", 0, 32, 8, 64, 1, 512, false},
    {"decode_2048", 0, 32, 8, 64, 1, 2048, false},
    {"attend_16", 0, 2, 2, 16, 16, 16, false},
    {"layer_98", 192, 3, 3, 64, 98, 98, false},
    {"layer_197", 192, 3, 3, 64, 197, 197, false},
    {"layer_1500", 384, 6, 6, 64, 1500, 1500, false},
    {"layer_decode_512", 512, 8, 8, 64, 1, 512, false},
    {"layer_decode_2048", 1024, 16, 4, 64, 1, 2048, false},
}};

Shape layer_shape(const BenchShape& s) {
    return {.model_dim = s.model_dim,
            .heads = s.heads,
            .kv_heads = s.kv_heads,
            .head_dim = s.width,
            .max_queries = s.tokens,
            .max_keys = s.keys};
}

// (query, key) pairs that count, of one head.
double visible_pairs(const BenchShape& s) {
    const double tokens = s.tokens, keys = s.keys;
    return s.causal ? tokens * (keys - tokens) + tokens * (tokens + 1.0) / 2.0 : tokens * keys;
}

double floats_of_cache(const BenchShape& s) { return 2.0 * s.kv_heads * s.width * s.keys; }

double bytes_of_weights(const BenchShape& s) {
    return s.is_layer() ? static_cast<double>(token_cost(layer_shape(s), 0).weight_bytes) : 0.0;
}

}  // namespace

std::span<const BenchShape> named_bench_shapes() { return all_named; }

const BenchShape* find_bench_shape(std::string_view name) {
    const auto found = std::find_if(all_named.begin(), all_named.end(),
                                    [&](const BenchShape& s) { return s.name == name; });
    return found == all_named.end() ? nullptr : &*found;
}

std::string describing_name(const BenchShape& s) {
    std::ostringstream name;
    name << (s.is_layer() ? "layer" : "attend");
    if (s.is_layer()) name << "_m" << s.model_dim;
    name << "_h" << s.heads;
    if (s.kv_heads != s.heads) name << "on" << s.kv_heads;
    name << "_t" << s.tokens;
    if (s.keys != s.tokens) name << "_k" << s.keys;
    name << "_w" << s.width << (s.causal ? "_causal" : "");
    return name.str();
}

void require_possible(const BenchShape& s) {
    const auto text = [](const char* option, int value) {
        return std::string(option) + " " + std::to_string(value);
    };
    if (s.kv_heads < 1 || s.heads < 1 || s.heads % s.kv_heads != 0) {
        throw UserError(text("--heads", s.heads) + " is no multiple of " +
                        text("--kv-heads", s.kv_heads));
    }
    if (s.is_layer() && s.heads * s.width != s.model_dim) {
        throw UserError(text("--model-dim", s.model_dim) +
                        ": a layer's heads are as wide together"
                        " as the model, " +
                        std::to_string(s.heads) + " of " + std::to_string(s.width) + " are not");
    }
    if (s.keys < s.tokens)
        throw UserError(text("--keys", s.keys) + ": fewer than " + text("--tokens", s.tokens));
    if (s.is_layer() && !valid(layer_shape(s)))
        throw UserError(describing_name(s) + ": there can be no such layer");
    constexpr double most = 4e9;  // peers need several times as much
    const double floats = floats_of_cache(s) + 2.0 * s.heads * s.width * s.tokens;
    if (4.0 * floats + bytes_of_weights(s) > most) {
        throw UserError(describing_name(s) + ": more than 4 GB of keys, values, queries" +
                        (s.is_layer() ? " and weights" : ""));
    }
}

std::string shape_word(const BenchShape& s) {
    std::ostringstream word;
    word << s.name << ',' << s.model_dim << ',' << s.heads << ',' << s.kv_heads << ',' << s.width
         << ',' << s.tokens << ',' << s.keys << ',' << s.causal;
    return word.str();
}

BenchShape shape_of_word(const std::string& word) {
    BenchShape s;
    std::istringstream text(word);
    std::getline(text, s.name, ',');
    char comma = 0;
    text >> s.model_dim >> comma >> s.heads >> comma >> s.kv_heads >> comma >> s.width >> comma >>
        s.tokens >> comma >> s.keys >> comma >> s.causal;
    if (text.fail() || s.name.empty()) throw UserError(word + ": no shape");
    require_possible(s);
    return s;
}

double multiply_adds(const BenchShape& s) {
    const double attention = visible_pairs(s) * s.heads * 2.0 * s.width;
    if (!s.is_layer()) return attention;
    const TokenCost token = token_cost(layer_shape(s), 0);
    return attention + s.tokens * static_cast<double>(token.projection_multiply_adds);
}

double bytes_moved(const BenchShape& s) {
    const double tokens = s.tokens;
    if (!s.is_layer()) return 4.0 * (floats_of_cache(s) + 2.0 * tokens * s.heads * s.width);
    return bytes_of_weights(s) + 4.0 * 2.0 * tokens * s.model_dim +
           (s.has_cache() ? 4.0 * floats_of_cache(s) : 0.0);
}

}  // namespace headroom::tools
