#include "tools/layer_weights.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

using Size = std::size_t;

[[noreturn]] void fail(const Safetensors& file, const std::string& tensor,
                       const std::string& what) {
    throw UserError(file.name() + ": tensor " + in_quotes(tensor) + ": " + what);
}

const std::vector<std::int64_t>& shape_in(const Safetensors& file, const std::string& tensor) {
    return file.tensors().at(tensor).shape;
}

// Splits `rows` among `heads`, and checks the width of each against an option.
int head_width(const Safetensors& file, const MatrixPart& matrix, int heads, int expected,
               const char* option) {
    const std::string rows = std::to_string(matrix.rows);
    if (heads < 1 || matrix.rows % heads != 0) {
        fail(file, matrix.tensor,
             rows + " rows cannot be shared by " + std::to_string(heads) + " heads");
    }
    const std::int64_t width = matrix.rows / heads;
    if (expected != 0 && width != expected) {
        fail(file, matrix.tensor,
             rows + " rows and " + std::to_string(heads) + " heads make a width of " +
                 std::to_string(width) + ", but " + option + " is " + std::to_string(expected));
    }
    return static_cast<int>(width);
}

int required_heads(const Safetensors& file, const LayerParts& parts, const LayerOptions& options) {
    const int heads = heads_of(file, parts, options);
    if (heads != 0) return heads;
    fail(file, parts.query.tensor,
         "its " + std::to_string(parts.query.rows) +
             (parts.query.transposed ? " columns" : " rows") +
             " do not tell how many heads share them: give --heads "
             "(num_attention_heads in the model's config.json)");
}

Shape derive_shape(const Safetensors& file, const LayerParts& p, const LayerOptions& options) {
    Shape shape;
    shape.heads = required_heads(file, p, options);
    shape.model_dim = static_cast<int>(p.query.columns);
    shape.key_source_dim = static_cast<int>(p.key.columns);
    shape.value_source_dim = static_cast<int>(p.value.columns);
    shape.output_dim = static_cast<int>(p.output.rows);
    shape.head_dim = head_width(file, p.query, shape.heads, options.head_dim, "--head-dim");

    if (p.key.rows % shape.head_dim != 0) {
        fail(file, p.key.tensor,
             std::to_string(p.key.rows) + " rows are no whole number of heads of width " +
                 std::to_string(shape.head_dim));
    }
    shape.kv_heads = static_cast<int>(p.key.rows / shape.head_dim);
    if (options.kv_heads != 0 && options.kv_heads != shape.kv_heads) {
        fail(file, p.key.tensor,
             "makes " + std::to_string(shape.kv_heads) + " key heads, but --kv-heads is " +
                 std::to_string(options.kv_heads));
    }
    if (shape.heads % shape.kv_heads != 0) {
        fail(file, p.key.tensor,
             std::to_string(shape.heads) + " heads cannot share " + std::to_string(shape.kv_heads) +
                 " key heads evenly");
    }
    shape.value_dim = head_width(file, p.value, shape.kv_heads, options.value_dim, "--value-dim");
    if (p.output.columns != std::int64_t{shape.heads} * shape.value_dim) {
        fail(file, p.output.tensor,
             "has shape " + shape_text(shape_in(file, p.output.tensor)) +
                 "; the heads' values are " + std::to_string(shape.heads * shape.value_dim) +
                 " wide");
    }
    shape.extra_key = !p.extra_key.tensor.empty();
    shape.max_keys = 1;  // of no meaning for weights, but a shape without a cache cannot exist
    return shape;
}

// Reads tensors, and notes which hold what no weight should be.
class Reader {
public:
    Reader(const Safetensors& file, LayerWeights& layer) : file_(file), layer_(layer) {}

    std::vector<float> whole(const std::string& tensor) {
        std::vector<float> values = file_.read_f32(tensor);
        const bool finite = std::all_of(values.begin(), values.end(),
                                        [](float value) { return std::isfinite(value); });
        auto& noted = layer_.not_finite;
        if (!finite && std::find(noted.begin(), noted.end(), tensor) == noted.end())
            noted.push_back(tensor);
        return values;
    }

    std::vector<float> matrix(const MatrixPart& part) {
        const std::vector<float> all = whole(part.tensor);
        const Size rows = static_cast<Size>(part.rows), columns = static_cast<Size>(part.columns);
        const Size first = static_cast<Size>(part.first_row);
        std::vector<float> values(rows * columns);
        if (!part.transposed) {
            std::copy_n(all.data() + first * columns, values.size(), values.data());
            return values;
        }
        const Size stored = all.size() / columns;  // outputs side by side in the tensor
        for (Size row = 0; row < rows; ++row)
            for (Size column = 0; column < columns; ++column)
                values[row * columns + column] = all[column * stored + first + row];
        return values;
    }

    std::vector<float> vector(const VectorPart& part) {
        if (part.tensor.empty()) return {};
        const std::vector<float> all = whole(part.tensor);
        const float* first = all.data() + static_cast<std::size_t>(part.first);
        return {first, first + static_cast<std::size_t>(part.size)};
    }

private:
    const Safetensors& file_;
    LayerWeights& layer_;
};

RelativeBias read_relative_bias(const Safetensors& file, Reader& reader, const LayerParts& parts,
                                int heads) {
    const auto& shape = shape_in(file, parts.relative_bias);
    // A quarter of the buckets are distances of their own; the formula needs at least one.
    const bool fits = shape.size() == 2 && shape[0] >= 4 && shape[0] <= 65536 && shape[1] == heads;
    if (!fits) {
        fail(file, parts.relative_bias,
             "has shape " + shape_text(shape) + ", not [buckets, " + std::to_string(heads) +
                 "] for " + std::to_string(heads) + " heads");
    }
    return {static_cast<int>(shape[0]), heads, reader.whole(parts.relative_bias)};
}

}  // namespace

int heads_of(const Safetensors& file, const LayerParts& parts, const LayerOptions& options) {
    if (options.heads != 0) return options.heads;
    std::int64_t width = options.head_dim;
    if (!parts.relative_bias.empty()) {
        const auto& shape = shape_in(file, parts.relative_bias);
        if (shape.size() == 2 && shape[1] >= 1 && shape[1] <= 4096)
            return static_cast<int>(shape[1]);
    }
    if (const char* const halves = parts.convention->head_dim_halves; width == 0 && halves) {
        const auto entry = file.tensors().find(parts.prefix + halves);
        if (entry != file.tensors().end() && entry->second.shape.size() == 1)
            width = 2 * entry->second.shape[0];
    }
    if (width == 0 || parts.query.rows % width != 0 || parts.query.rows / width > 4096) return 0;
    return static_cast<int>(parts.query.rows / width);
}

LayerWeights read_layer(const Safetensors& file, const LayerOptions& options) {
    LayerWeights layer;
    layer.parts = find_layer(file, options.prefix);
    const LayerParts& parts = layer.parts;
    layer.shape = derive_shape(file, parts, options);

    Reader reader(file, layer);
    layer.query = reader.matrix(parts.query);
    layer.key = reader.matrix(parts.key);
    layer.value = reader.matrix(parts.value);
    layer.output = reader.matrix(parts.output);
    layer.query_bias = reader.vector(parts.query_bias);
    layer.key_bias = reader.vector(parts.key_bias);
    layer.value_bias = reader.vector(parts.value_bias);
    layer.output_bias = reader.vector(parts.output_bias);
    layer.extra_key = reader.vector(parts.extra_key);
    layer.extra_value = reader.vector(parts.extra_value);
    if (!parts.relative_bias.empty())
        layer.relative_bias = read_relative_bias(file, reader, parts, layer.shape.heads);
    return layer;
}

void pack_layer(const Safetensors& file, const LayerWeights& layer, std::span<std::byte> blob) {
    Result result = pack_weights(layer.shape, layer.tensors(), blob);
    if (result.ok()) result = check_weights(layer.shape, blob);  // what a program will ask
    if (!result.ok()) {
        throw UserError(file.name() +
                        ": these weights cannot be packed: " + describe(result.status));
    }
}

std::vector<std::string> warnings(const Safetensors& file, const LayerWeights& layer) {
    std::vector<std::string> lines;
    for (const std::string& name : layer.parts.ignored) {
        lines.push_back(file.name() + ": tensor " + in_quotes(name) +
                        " is under the prefix but has no part in the layer");
    }
    for (const std::string& name : layer.not_finite) {
        lines.push_back(file.name() + ": tensor " + in_quotes(name) +
                        " holds a NaN or an infinity");
    }
    return lines;
}

}  // namespace headroom::tools
