#include "tools/layer_parts.hpp"

#include <algorithm>
#include <string_view>

#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

constexpr std::int64_t largest_width = 65536;  // of a layer: see Shape

// Looks tensors up by their names without the prefix, and notes which.
class Finder {
public:
    Finder(const Safetensors& file, LayerParts& parts) : file_(file), parts_(parts) {}

    bool has(const char* name) const {
        return name != nullptr && file_.tensors().contains(parts_.prefix + name);
    }

    MatrixPart matrix(const char* name, int matrices = 1) {
        const auto& shape = find(name).shape;
        if (shape.size() != 2)
            fail(name, "has shape " + shape_text(shape) + ", not two dimensions");
        const bool transposed = parts_.convention->transposed;
        const std::int64_t rows = shape[transposed ? 1 : 0], columns = shape[transposed ? 0 : 1];
        if (rows < 1 || rows > matrices * largest_width || columns < 1 || columns > largest_width)
            fail(name, "has shape " + shape_text(shape) + "; widths are from 1 to 65536");
        return {parts_.prefix + name, rows, columns, 0, transposed};
    }

    // One tensor for queries, keys and values.
    void split(const char* name) {
        const MatrixPart all = matrix(name, 3);
        if (all.rows != 3 * all.columns) {
            fail(name, "has shape " + shape_text(find(name).shape) + ", not " +
                           (all.transposed ? "[E, 3E]" : "[3E, E]") +
                           " for queries, keys and values");
        }
        parts_.query = parts_.key = parts_.value = all;
        parts_.query.rows = parts_.key.rows = parts_.value.rows = all.columns;
        parts_.key.first_row = all.columns;
        parts_.value.first_row = 2 * all.columns;
    }

    // A vector of that many elements; none if the file has none and it is not required.
    VectorPart vector(const char* name, std::int64_t size, bool required = false) {
        if (!has(name) && !required) return {};
        const auto& shape = find(name).shape;
        std::int64_t elements = 1;  // no overflow: the reader has checked the shape
        for (const std::int64_t n : shape) elements *= n;
        if (elements != size) {
            fail(name, "has shape " + shape_text(shape) + "; the weights ask for " +
                           std::to_string(size) + " elements");
        }
        return {parts_.prefix + name, 0, size};
    }

    [[noreturn]] void fail(const std::string& name, const std::string& what) const {
        throw UserError(file_.name() + ": tensor " + in_quotes(parts_.prefix + name) + ": " + what);
    }

private:
    const TensorEntry& find(const char* name) {
        const auto entry = file_.tensors().find(parts_.prefix + name);
        if (entry == file_.tensors().end()) fail(name, "is missing");
        parts_.used.insert(parts_.prefix + name);
        return entry->second;
    }

    const Safetensors& file_;
    LayerParts& parts_;
};

// What the message that there is no layer can offer instead.
std::string candidates(const Safetensors& file, const std::string& wanted) {
    const auto prefixes = layer_prefixes(file);
    std::string text;
    for (const std::string& prefix : nearest({prefixes.begin(), prefixes.end()}, wanted, 3))
        text += (text.empty() ? "; try --prefix " : " or ") +
                in_quotes(std::string(without_dot(prefix)));
    return text + (prefixes.size() > 3 ? "; --list shows all" : "");
}

// Weights of a layer by names that no convention has, such as queries, keys and values in one.
std::string unknown_names(const Safetensors& file, const std::string& prefix) {
    constexpr int most = 3;
    const auto layers = layer_prefixes(file);
    if (std::any_of(layers.begin(), layers.end(),
                    [&](const std::string& layer) { return layer.starts_with(prefix); }))
        return {};  // the prefix is that of a stack
    std::string text;
    int count = 0;
    for (const auto& [name, entry] : file.tensors()) {
        if (!name.starts_with(prefix) || name.ends_with(".bias")) continue;
        if (++count <= most)
            text += (text.empty() ? "" : ", ") + in_quotes(name.substr(prefix.size()));
    }
    if (count == 0) return {};
    return "holds " + text + (count > most ? ", ..." : "") + ": not a known convention";
}

const Convention& only_convention(const Safetensors& file, const std::string& prefix) {
    const std::vector<const Convention*> found = recognise(file, prefix);
    if (found.empty()) {
        const std::string names = prefix.empty() ? "" : unknown_names(file, prefix);
        throw UserError(file.name() + ": " +
                        (names.empty() ? "no attention weights under this prefix"
                                       : "prefix " + in_quotes(std::string(without_dot(prefix))) +
                                             " " + names) +
                        candidates(file, prefix));
    }
    if (found.size() > 1) {
        throw UserError(file.name() + ": more than one naming of the query weights under this " +
                        "prefix: " + found[0]->weights[0] + " and " + found[1]->weights[0]);
    }
    if (file.tensors().contains(prefix + "o_proj.weight") &&
        file.tensors().contains(prefix + "out_proj.weight")) {
        throw UserError(file.name() + ": both o_proj.weight and out_proj.weight under this prefix");
    }
    return *found[0];
}

void find_biases(Finder& finder, LayerParts& parts) {
    const auto& names = parts.convention->biases;
    const std::int64_t q = parts.query.rows, k = parts.key.rows, v = parts.value.rows;
    if (names[1] == nullptr) {
        const VectorPart all = finder.vector(names[0], q + k + v);
        if (!all.tensor.empty()) {
            parts.query_bias = {all.tensor, 0, q};
            parts.key_bias = {all.tensor, q, k};
            parts.value_bias = {all.tensor, q + k, v};
        }
    } else {
        parts.query_bias = finder.vector(names[0], q);
        parts.key_bias = finder.vector(names[1], k);
        parts.value_bias = finder.vector(names[2], v);
    }
    parts.output_bias = finder.vector(names[3], parts.output.rows);

    if (finder.has("bias_k") || finder.has("bias_v")) {
        parts.extra_key = finder.vector("bias_k", k, /*required=*/true);
        parts.extra_value = finder.vector("bias_v", v, /*required=*/true);
    }
}

// T5 keeps the table in the first block of a stack, and every block of the stack uses it; what its
// cross-attention may hold under this name is a relic that no model reads.
std::string relative_bias(const Safetensors& file, const LayerParts& parts) {
    const char* const name = parts.convention->relative_bias;
    if (name == nullptr || last_component(parts.prefix) == "EncDecAttention") return {};
    if (file.tensors().contains(parts.prefix + name)) return parts.prefix + name;

    const std::string block = "block.";
    const std::size_t start = parts.prefix.rfind(block);
    if (start == std::string::npos) return {};
    const std::size_t number = start + block.size();
    const std::size_t end = parts.prefix.find('.', number);
    std::string first = parts.prefix;
    first.replace(number, end - number, "0");
    return file.tensors().contains(first + name) ? first + name : std::string();
}

std::vector<std::string> ignored(const Safetensors& file, const LayerParts& parts) {
    std::vector<std::string> names;
    if (parts.prefix.empty()) return names;
    const auto& companions = parts.convention->companions;
    // The names are in order: those of a prefix stand together.
    for (auto at = file.tensors().lower_bound(parts.prefix); at != file.tensors().end(); ++at) {
        const std::string& name = at->first;
        if (!name.starts_with(parts.prefix)) break;
        if (parts.used.contains(name)) continue;
        const std::string rest = name.substr(parts.prefix.size());
        if (std::find(companions.begin(), companions.end(), rest) == companions.end())
            names.push_back(name);
    }
    return names;
}

}  // namespace

LayerParts find_layer(const Safetensors& file, const std::string& prefix) {
    LayerParts parts;
    parts.prefix = with_dot(prefix);
    parts.convention = &only_convention(file, parts.prefix);
    Finder finder(file, parts);
    for (const auto& [tensor, what] : parts.convention->unsupported) {
        if (finder.has(tensor)) finder.fail(tensor, what);
    }

    const auto& names = parts.convention->weights;
    if (names[1] == nullptr) {
        finder.split(names[0]);
    } else {
        parts.query = finder.matrix(names[0]);
        parts.key = finder.matrix(names[1]);
        parts.value = finder.matrix(names[2]);
    }
    parts.output = finder.matrix(names[3]);
    find_biases(finder, parts);
    parts.relative_bias = relative_bias(file, parts);
    parts.ignored = ignored(file, parts);
    return parts;
}

std::set<std::string, NaturalOrder> layer_prefixes(const Safetensors& file) {
    std::set<std::string, NaturalOrder> found;
    for (const auto& [name, entry] : file.tensors()) {
        for (const Convention& convention : conventions()) {
            const std::string_view tail = convention.weights[0];
            if (!name.ends_with(tail)) continue;
            const std::string prefix = name.substr(0, name.size() - tail.size());
            if (prefix.empty() || prefix.back() == '.') found.insert(prefix);
        }
    }
    return found;
}

}  // namespace headroom::tools
