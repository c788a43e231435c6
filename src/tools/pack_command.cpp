// headroom pack: from a framework's file of weights to the blob that the library reads in place.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <headroom/version.hpp>
#include <headroom/weights.hpp>

#include "tools/aligned_bytes.hpp"
#include "tools/atomic_file.hpp"
#include "tools/c_array.hpp"
#include "tools/commands.hpp"
#include "tools/layer_weights.hpp"
#include "tools/safetensors.hpp"
#include "tools/shape_code.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

struct PackOptions {
    std::string weights;
    LayerOptions layer;
    std::string blob_path;
    std::string c_path;
    std::string name;
};

// What the weights say of a shape, without the cache, which they do not.
std::string weights_shape_code(Shape s) {
    s.max_keys = 0;
    return shape_code(s);
}

AlignedBytes pack(const LayerWeights& layer, const std::filesystem::path& source) {
    AlignedBytes blob(weights_bytes(layer.shape));
    Result result = pack_weights(layer.shape, layer.tensors(), blob.bytes());
    if (result.ok()) result = check_weights(layer.shape, blob.bytes());  // what a program will ask
    if (!result.ok()) {
        throw UserError(source.string() +
                        ": these weights cannot be packed: " + describe(result.status));
    }
    return blob;
}

std::string default_name(const std::string& path) {
    std::string name = std::filesystem::path(path).stem().string();
    for (char& c : name) {
        if (!is_identifier(std::string("_") + c)) c = '_';
    }
    return is_identifier(name) ? name : "weights_" + name;
}

// An array's bytes as the library takes them.
std::string open_code(const std::string& name) {
    return "layer.open(headroom::best_port(), std::as_bytes(std::span(" + name + ")))";
}

std::vector<std::string> description(const PackOptions& options, const LayerWeights& layer,
                                     const std::string& name, std::size_t bytes) {
    std::vector<std::string> lines = {
        "Packed attention weights, format " + std::to_string(weights_format) + ", " +
            std::to_string(bytes) + " bytes, for layers of this shape",
        "(add max_queries, and max_keys or window):",
        "",
        "  headroom::Shape" + weights_shape_code(layer.shape),
        "  " + open_code(name),
        "",
        "from " + std::filesystem::path(options.weights).filename().string() + ":",
    };
    for (const std::string& tensor : layer.names) lines.push_back("  " + tensor);
    return lines;
}

void run(const PackOptions& options) {
    const bool as_c = !options.c_path.empty();
    const std::string name = options.name.empty() ? default_name(options.c_path) : options.name;
    if (as_c && !is_identifier(name))
        throw UserError("--name " + name + ": not a C variable's name");
    if (!as_c && !options.name.empty()) throw UserError("--name is of use only with --c");
    const std::string& target = as_c ? options.c_path : options.blob_path;
    if (target.empty()) throw UserError(std::string(as_c ? "--c" : "--out") + ": no file named");
    if (std::error_code none; std::filesystem::equivalent(target, options.weights, none))
        throw UserError(target + ": is the --weights file, which would be overwritten");

    Safetensors file(options.weights);
    const LayerWeights layer = read_layer(file, options.layer);
    for (const std::string& ignored : layer.ignored) {
        std::fprintf(stderr,
                     "headroom: warning: %s: tensor %s is under the prefix but not packed\n",
                     options.weights.c_str(), in_quotes(ignored).c_str());
    }
    const AlignedBytes blob = pack(layer, options.weights);

    if (as_c) {
        const auto comment = description(options, layer, name, blob.bytes().size());
        write_file(target, c_array(name, blob.bytes(), comment));
    } else {
        write_file(target, blob.bytes());
    }
    const Shape& s = layer.shape;
    const bool self = s.key_source_dim == s.model_dim && s.value_source_dim == s.model_dim;
    std::printf("%s: %zu bytes of weights, headroom::Shape%s%s\n", target.c_str(),
                blob.bytes().size(), weights_shape_code(s).c_str(),
                self ? "" : ", for cross-attention only");
    if (as_c) std::printf("open it with %s\n", open_code(name).c_str());
}

}  // namespace

void add_pack_command(CLI::App& app) {
    CLI::App* const command = app.add_subcommand(
        "pack", "Pack a layer's weights into the blob that the library reads in place.");
    const auto options = std::make_shared<PackOptions>();
    LayerOptions& layer = options->layer;
    const CLI::Range heads(1, 4096), width(1, 65536);

    command->add_option("--weights", options->weights, "The .safetensors file with the layer, f32.")
        ->required();
    command->add_option("--prefix", layer.prefix, "What the layer's tensors' names start with.");
    command->add_option("--heads", layer.heads, "Query heads.")->required()->check(heads);
    command->add_option("--kv-heads", layer.kv_heads, "Key and value heads; checked if given.")
        ->check(heads);
    command->add_option("--head-dim", layer.head_dim, "Width of a query; checked if given.")
        ->check(width);
    command->add_option("--value-dim", layer.value_dim, "Width of a value; checked if given.")
        ->check(width);
    CLI::Option_group* const output = command->add_option_group("Output");
    output->add_option("--out", options->blob_path, "Write the blob to this file.");
    output->add_option("--c", options->c_path,
                       "Write a C header with the blob as an aligned array.");
    output->require_option(1);
    command->add_option("--name", options->name,
                        "With --c: the array's name; default: the file's.");
    command->footer(
        "Tensors under the prefix are named as in PyTorch's nn.MultiheadAttention (in_proj_weight "
        "or\n"
        "q_proj_weight, k_proj_weight, v_proj_weight; in_proj_bias, bias_k, bias_v, "
        "out_proj.weight,\n"
        "out_proj.bias) or q_proj, k_proj, v_proj and o_proj or out_proj, each with .weight and "
        ".bias.\n"
        "Every width follows from the tensors; the heads do not. The blob is what layer.open() "
        "takes,\n"
        "the C array through std::as_bytes(std::span(array)).\n"
        "\n"
        "Examples:\n"
        "  headroom pack --weights model.safetensors --prefix encoder.attn --heads 8 --out "
        "attn.hrw\n"
        "  headroom pack --weights llama.safetensors --prefix model.layers.0.self_attn \\\n"
        "                --heads 32 --kv-heads 8 --c layer0.h --name layer0_weights");
    command->callback([options] { run(*options); });
}

}  // namespace headroom::tools
