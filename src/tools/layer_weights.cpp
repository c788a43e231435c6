#include "tools/layer_weights.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <span>

#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

struct Matrix {
    std::string name;
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    std::vector<float> values;
};

// Takes tensors by their names without the prefix, and remembers which.
class Source {
public:
    Source(Safetensors& file, std::string prefix) : file_(file), prefix_(std::move(prefix)) {
        if (!prefix_.empty() && prefix_.back() != '.') prefix_ += '.';
    }

    bool has(const std::string& name) const { return file_.tensors().contains(prefix_ + name); }

    Matrix matrix(const std::string& name) {
        const TensorEntry& entry = find(name);
        if (entry.shape.size() != 2)
            fail(name, "has shape " + shape_text(entry.shape) + ", not two dimensions");
        return {name, entry.shape[0], entry.shape[1], take(name)};
    }

    // A bias of that many elements, in whatever dimensions; none if the file has none.
    std::vector<float> vector(const std::string& name, std::int64_t size, bool required = false) {
        if (!has(name) && !required) return {};
        const TensorEntry& entry = find(name);
        std::vector<float> values = take(name);
        if (static_cast<std::int64_t>(values.size()) != size) {
            fail(name, "has shape " + shape_text(entry.shape) + "; the weights ask for " +
                           std::to_string(size) + " elements");
        }
        return values;
    }

    [[noreturn]] void fail(const std::string& name, const std::string& what) const {
        throw UserError(file_.path().string() + ": tensor " + in_quotes(prefix_ + name) + ": " +
                        what);
    }
    [[noreturn]] void fail(const std::string& what) const {
        throw UserError(file_.path().string() + ": " + what);
    }

    std::vector<std::string> used() const { return {used_.begin(), used_.end()}; }
    std::vector<std::string> ignored() const {
        std::vector<std::string> names;
        for (const auto& [name, entry] : file_.tensors()) {
            if (!prefix_.empty() && name.starts_with(prefix_) && !used_.contains(name))
                names.push_back(name);
        }
        return names;
    }

    // The prefixes at which the file does have a layer, for the message that this one is not there.
    std::string candidates() const {
        std::set<std::string> found;
        for (const auto& [name, entry] : file_.tensors()) {
            for (const char* tail : {"in_proj_weight", "q_proj_weight", "q_proj.weight"}) {
                if (name.ends_with(tail))
                    found.insert(name.substr(0, name.size() - std::string(tail).size()));
            }
        }
        std::string text;
        for (std::string prefix : found) {
            if (!prefix.empty() && prefix.back() == '.') prefix.pop_back();
            text += (text.empty() ? "; try --prefix " : " or ") + in_quotes(prefix);
            if (text.size() > 400) return text + " ...";
        }
        return text;
    }

private:
    const TensorEntry& find(const std::string& name) const {
        const auto entry = file_.tensors().find(prefix_ + name);
        if (entry == file_.tensors().end()) fail(name, "is missing");
        return entry->second;
    }
    std::vector<float> take(const std::string& name) {
        used_.insert(prefix_ + name);
        return file_.read_f32(prefix_ + name);
    }

    Safetensors& file_;
    std::string prefix_;
    std::set<std::string> used_;
};

// The projections, whatever the file calls them.
struct Projections {
    Matrix query, key, value, output;
    std::string query_bias, key_bias, value_bias, output_bias;  // names; empty: see fused_bias
    std::string fused_bias;                                     // one tensor for all three
};

Projections read_projections(Source& source) {
    const bool fused = source.has("in_proj_weight");
    const bool beside = source.has("q_proj_weight");
    const bool modules = source.has("q_proj.weight");
    if (fused + beside + modules > 1) {
        source.fail("more than one naming of the query weights under this prefix");
    }
    if (fused + beside + modules == 0) {
        source.fail("no attention weights under this prefix" + source.candidates());
    }

    Projections p;
    const std::string out = modules && source.has("o_proj.weight") ? "o_proj" : "out_proj";
    if (modules && source.has("o_proj.weight") && source.has("out_proj.weight")) {
        source.fail("both o_proj.weight and out_proj.weight under this prefix");
    }
    p.output_bias = out + ".bias";
    if (modules) {
        p.query = source.matrix("q_proj.weight");
        p.key = source.matrix("k_proj.weight");
        p.value = source.matrix("v_proj.weight");
        p.query_bias = "q_proj.bias", p.key_bias = "k_proj.bias", p.value_bias = "v_proj.bias";
    } else if (beside) {
        p.query = source.matrix("q_proj_weight");
        p.key = source.matrix("k_proj_weight");
        p.value = source.matrix("v_proj_weight");
        p.fused_bias = "in_proj_bias";
    } else {
        const Matrix all = source.matrix("in_proj_weight");
        if (all.rows != 3 * all.columns) {
            source.fail(all.name, "has shape " + shape_text({all.rows, all.columns}) +
                                      ", not [3E, E] for queries, keys and values");
        }
        const std::span<const float> values = all.values;
        const auto part = [&](std::size_t i) {
            const auto rows = values.subspan(i * values.size() / 3, values.size() / 3);
            return Matrix{all.name, all.columns, all.columns, {rows.begin(), rows.end()}};
        };
        p.query = part(0), p.key = part(1), p.value = part(2);
        p.fused_bias = "in_proj_bias";
    }
    p.output = source.matrix(out + ".weight");
    return p;
}

int narrow(const Source& source, const Matrix& matrix, std::int64_t width) {
    if (width < 1 || width > 65536) source.fail(matrix.name, "its sizes must be from 1 to 65536");
    return static_cast<int>(width);
}

// Splits `rows` among `heads`, and checks the width of each against an option.
int head_width(const Source& source, const Matrix& matrix, int heads, int expected,
               const char* option) {
    if (heads < 1 || matrix.rows % heads != 0) {
        source.fail(matrix.name, std::to_string(matrix.rows) + " rows cannot be shared by " +
                                     std::to_string(heads) + " heads");
    }
    const std::int64_t width = matrix.rows / heads;
    if (expected != 0 && width != expected) {
        source.fail(matrix.name, std::to_string(matrix.rows) + " rows and " +
                                     std::to_string(heads) + " heads make a width of " +
                                     std::to_string(width) + ", but " + option + " is " +
                                     std::to_string(expected));
    }
    return narrow(source, matrix, width);
}

Shape derive_shape(const Source& source, const Projections& p, const LayerOptions& options) {
    Shape shape;
    shape.heads = options.heads;
    shape.model_dim = narrow(source, p.query, p.query.columns);
    shape.key_source_dim = narrow(source, p.key, p.key.columns);
    shape.value_source_dim = narrow(source, p.value, p.value.columns);
    shape.output_dim = narrow(source, p.output, p.output.rows);
    shape.head_dim = head_width(source, p.query, options.heads, options.head_dim, "--head-dim");

    if (p.key.rows % shape.head_dim != 0) {
        source.fail(p.key.name, std::to_string(p.key.rows) +
                                    " rows are no whole number of heads of width " +
                                    std::to_string(shape.head_dim));
    }
    shape.kv_heads = narrow(source, p.key, p.key.rows / shape.head_dim);
    if (options.kv_heads != 0 && options.kv_heads != shape.kv_heads) {
        source.fail(p.key.name, "makes " + std::to_string(shape.kv_heads) +
                                    " key heads, but --kv-heads is " +
                                    std::to_string(options.kv_heads));
    }
    if (shape.heads % shape.kv_heads != 0) {
        source.fail(p.key.name, std::to_string(shape.heads) + " heads cannot share " +
                                    std::to_string(shape.kv_heads) + " key heads evenly");
    }
    shape.value_dim = head_width(source, p.value, shape.kv_heads, options.value_dim, "--value-dim");
    if (p.output.columns != std::int64_t{shape.heads} * shape.value_dim) {
        source.fail(p.output.name, "has shape " + shape_text({p.output.rows, p.output.columns}) +
                                       "; the heads' values are " +
                                       std::to_string(shape.heads * shape.value_dim) + " wide");
    }
    shape.max_keys = 1;  // of no meaning for weights, but a shape without a cache cannot exist
    return shape;
}

void read_biases(Source& source, const Projections& p, LayerWeights& layer) {
    if (p.fused_bias.empty()) {
        layer.query_bias = source.vector(p.query_bias, p.query.rows);
        layer.key_bias = source.vector(p.key_bias, p.key.rows);
        layer.value_bias = source.vector(p.value_bias, p.value.rows);
    } else {
        const std::vector<float> all =
            source.vector(p.fused_bias, p.query.rows + p.key.rows + p.value.rows);
        if (!all.empty()) {
            const auto value = all.end() - p.value.rows, key = value - p.key.rows;
            layer.query_bias.assign(all.begin(), key);
            layer.key_bias.assign(key, value);
            layer.value_bias.assign(value, all.end());
        }
    }
    layer.output_bias = source.vector(p.output_bias, p.output.rows);

    if (source.has("bias_k") || source.has("bias_v")) {
        layer.extra_key = source.vector("bias_k", p.key.rows, /*required=*/true);
        layer.extra_value = source.vector("bias_v", p.value.rows, /*required=*/true);
        layer.shape.extra_key = true;
    }
}

}  // namespace

LayerWeights read_layer(Safetensors& file, const LayerOptions& options) {
    Source source(file, options.prefix);
    Projections p = read_projections(source);
    LayerWeights layer;
    layer.shape = derive_shape(source, p, options);
    read_biases(source, p, layer);
    layer.query = std::move(p.query.values);
    layer.key = std::move(p.key.values);
    layer.value = std::move(p.value.values);
    layer.output = std::move(p.output.values);
    layer.names = source.used();
    layer.ignored = source.ignored();
    return layer;
}

}  // namespace headroom::tools
