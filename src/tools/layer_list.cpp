#include "tools/layer_list.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

std::string dtypes(const Safetensors& file, const LayerParts& parts) {
    std::set<std::string> found;
    for (const std::string& name : parts.used) found.insert(file.tensors().at(name).dtype);
    std::string text;
    for (const std::string& dtype : found) text += (text.empty() ? "" : "+") + dtype;
    return text;
}

std::string bias_words(const LayerParts& p) {
    std::string text;
    const auto add = [&](const VectorPart& part, const char* word) {
        if (!part.tensor.empty()) text += (text.empty() ? "" : ", ") + std::string(word);
    };
    add(p.query_bias, "query");
    add(p.key_bias, "key");
    add(p.value_bias, "value");
    add(p.output_bias, "output");
    return text.empty() ? "no biases" : "biases: " + text;
}

// "512 wide, queries 512, keys and values 128": widths of all heads together.
std::string shape_words(const Safetensors& file, const LayerParts& p, const LayerOptions& options) {
    const auto number = [](std::int64_t n) { return std::to_string(n); };
    std::string text = number(p.query.columns) + " wide";
    if (p.key.columns != p.query.columns || p.value.columns != p.query.columns)
        text += " (keys from " + number(p.key.columns) + ", values from " +
                number(p.value.columns) + ")";
    if (p.output.rows != p.query.columns) text += ", " + number(p.output.rows) + " out";
    text += ", queries " + number(p.query.rows);
    text += p.key.rows == p.value.rows
                ? ", keys and values " + number(p.key.rows)
                : ", keys " + number(p.key.rows) + ", values " + number(p.value.rows);
    if (const int heads = heads_of(file, p, options); heads > 0 && p.query.rows % heads == 0)
        text += ", " + number(heads) + " heads of " + number(p.query.rows / heads);
    text += "; " + bias_words(p);
    if (!p.extra_key.tensor.empty()) text += "; bias_k, bias_v";
    if (!p.relative_bias.empty()) text += "; relative bias";
    return text;
}

using Row = std::array<std::string, 4>;

Row describe(const Safetensors& file, const std::string& prefix, const LayerOptions& options) {
    const std::string shown =
        prefix.empty() ? "(none)" : in_quotes(std::string(without_dot(prefix)));
    try {
        const LayerParts parts = find_layer(file, prefix);
        return {shown, parts.convention->name, dtypes(file, parts),
                shape_words(file, parts, options)};
    } catch (const UserError& error) {
        const std::string what = error.what();
        return {shown, "unusable", "", what.substr(file.name().size() + 2)};
    }
}

}  // namespace

std::string layer_list(const Safetensors& file, const LayerOptions& options) {
    std::vector<Row> rows = {{"prefix", "convention", "type", "shape"}};
    const std::string below = with_dot(options.prefix);
    for (const std::string& prefix : layer_prefixes(file)) {
        if (prefix.starts_with(below)) rows.push_back(describe(file, prefix, options));
    }
    if (rows.size() == 1) {
        throw UserError(file.name() + ": no attention layer" +
                        (below.empty() ? "" : " below this prefix") + " among its " +
                        std::to_string(file.tensors().size()) + " tensors");
    }

    std::array<std::size_t, 3> width{};
    for (const Row& row : rows)
        for (std::size_t i = 0; i < width.size(); ++i) width[i] = std::max(width[i], row[i].size());
    std::string text;
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < width.size(); ++i)
            text += row[i] + std::string(width[i] + 2 - row[i].size(), ' ');
        text += row[3] + "\n";
    }
    return text;
}

std::vector<std::string> run_time_notes(const LayerWeights& layer) {
    const Convention& convention = *layer.parts.convention;
    std::vector<std::string> notes;
    if (convention.unscaled) notes.emplace_back("scores are not scaled: set how.scale = 1");
    if (is_causal(convention, layer.parts.prefix))
        notes.emplace_back("no token sees a later one: set how.causal = true");
    if (convention.rotary) {
        const std::string dim = std::to_string(layer.shape.head_dim);
        notes.push_back("queries and keys are rotated: set Shape::rotary_dim = " + dim +
                        " and pass headroom::RotaryComputed{{.dim = " + dim +
                        ", .base = B}}, B the model's rope_theta");
    }
    if (layer.relative_bias.buckets > 0) {
        notes.push_back(
            "scores have a bias by distance: pass headroom::ScoreBias with the values "
            "of " +
            layer.parts.relative_bias);
    }
    if (convention.may_have_zero_key)
        notes.emplace_back("if the module has add_zero_attn: pass headroom::ZeroKey{}");
    return notes;
}

}  // namespace headroom::tools
