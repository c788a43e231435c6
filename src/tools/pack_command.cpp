// headroom pack: from a framework's file of weights to the blob that the library reads in place.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <headroom/version.hpp>
#include <headroom/weights.hpp>

#include "tools/aligned_bytes.hpp"
#include "tools/atomic_file.hpp"
#include "tools/c_array.hpp"
#include "tools/commands.hpp"
#include "tools/interrupt.hpp"
#include "tools/layer_list.hpp"
#include "tools/layer_options.hpp"
#include "tools/layer_weights.hpp"
#include "tools/output_check.hpp"
#include "tools/remarks.hpp"
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
    bool list = false;
};

// What weights and convention say of a shape, without the cache, of which they know nothing.
std::string weights_shape_code(const LayerWeights& layer) {
    Shape s = layer.shape;
    s.max_keys = 0;
    if (layer.parts.convention->rotary) s.rotary_dim = s.head_dim;
    return shape_code(s);
}

std::string default_name(const std::string& path) {
    std::string name = std::filesystem::path(path).stem().string();
    for (char& c : name) {
        if (!is_identifier(std::string("_") + c)) c = '_';
    }
    return is_identifier(name) ? name : "weights_" + name;
}

// An array's bytes as the library takes them, in C++ and in C.
std::vector<std::string> open_code(const std::string& name) {
    return {"C++: layer.open(headroom::best_port(), std::as_bytes(std::span(" + name + ")))",
            "C:   hr_layer_open(&layer, &shape, hr_best_port(), hr_const_bytes(" + name +
                ", sizeof " + name + "))"};
}

std::vector<std::string> description(const PackOptions& options, const LayerWeights& layer,
                                     const std::string& name, std::size_t bytes) {
    std::vector<std::string> lines = {
        "Packed attention weights, format " + std::to_string(weights_format) + ", " +
            std::to_string(bytes) + " bytes, for layers of this shape",
        "(add max_queries, and max_keys or window):",
        "",
        "  headroom::Shape" + weights_shape_code(layer),
    };
    for (const std::string& line : open_code(name)) lines.push_back("  " + line);
    const std::string source = std::filesystem::path(options.weights).filename().string();
    lines.insert(lines.end(), {"", "from " + source + ":"});
    for (const std::string& tensor : layer.parts.used) lines.push_back("  " + tensor);
    const std::vector<std::string> notes = run_time_notes(layer);
    if (!notes.empty()) lines.insert(lines.end(), {"", "At run time:"});
    for (const std::string& note : notes) lines.push_back("  " + note);
    return lines;
}

// Where to write; throws UserError if the options do not make sense together.
std::string target_of(const PackOptions& options, const std::string& name) {
    const bool as_c = !options.c_path.empty();
    if (as_c && !is_identifier(name))
        throw UserError("--name " + name + ": not a C variable's name");
    if (!as_c && !options.name.empty()) throw UserError("--name: has no effect without --c");
    const std::string& target = as_c ? options.c_path : options.blob_path;
    refuse_to_overwrite({as_c ? "--c" : "--out", target}, {{"--weights", options.weights}});
    return target;
}

void run(const PackOptions& options) {
    if (options.list) {
        const Safetensors file(options.weights);
        std::fputs(layer_list(file, options.layer).c_str(), stdout);
        return;
    }
    const bool as_c = !options.c_path.empty();
    const std::string name = options.name.empty() ? default_name(options.c_path) : options.name;
    const std::string target = target_of(options, name);

    const Safetensors file(options.weights);
    const LayerWeights layer = read_layer(file, options.layer);
    print_warnings(warnings(file, layer));
    const InterruptWatch watch;  // as long as there is a temporary file
    AtomicFile out(target);      // refused, if it is, before the work
    AlignedBytes blob(weights_bytes(layer.shape));
    pack_layer(file, layer, blob.bytes());
    watch.throw_if_interrupted();
    if (as_c) {
        const auto comment = description(options, layer, name, blob.bytes().size());
        const std::string text = c_array(name, blob.bytes(), comment, watch);
        out.write(std::as_bytes(std::span(text)));
    } else {
        out.write(blob.bytes());
    }
    put_in_place(out, watch);
    const Shape& s = layer.shape;
    const bool self = s.key_source_dim == s.model_dim && s.value_source_dim == s.model_dim;
    std::printf("%s: %zu bytes of weights, headroom::Shape%s%s\n", target.c_str(),
                blob.bytes().size(), weights_shape_code(layer).c_str(),
                self ? "" : ", for cross-attention only");
    std::printf("read as %s\n", layer.parts.convention->name);
    for (const std::string& note : run_time_notes(layer))
        std::printf("at run time: %s\n", note.c_str());
    if (!as_c) return;
    std::puts("open it with");
    for (const std::string& line : open_code(name)) std::printf("  %s\n", line.c_str());
}

}  // namespace

void add_pack_command(CLI::App& app) {
    CLI::App* const command = app.add_subcommand(
        "pack", "Pack a layer's weights into the blob that the library reads in place.");
    const auto options = std::make_shared<PackOptions>();
    add_layer_options(*command, options->weights, options->layer);
    CLI::Option_group* const output = command->add_option_group("Output");
    output->add_option("--out", options->blob_path, "Write the blob to this file.");
    output->add_option("--c", options->c_path,
                       "Write a C header with the blob as an aligned array.");
    output->add_flag("--list", options->list, "Only print which layers the file holds.");
    output->require_option(1);
    command->add_option("--name", options->name,
                        "With --c: the array's name; default: the file's.");
    command->footer(
        std::string(convention_help) +
        "\n"
        "Every width follows from the tensors; the heads do not. What a blob cannot hold, such as\n"
        "rotary embedding or a scale, is printed: the program passes it at run time. The blob is\n"
        "what layer.open() and hr_layer_open() take; the C array's header says how.\n"
        "\n"
        "Examples:\n"
        "  headroom pack --weights model.safetensors --list\n"
        "  headroom pack --weights model.safetensors --prefix encoder.attn --heads 8 --out "
        "attn.hrw\n"
        "  headroom pack --weights llama.safetensors --prefix model.layers.0.self_attn \\\n"
        "                --heads 32 --kv-heads 8 --c layer0.h --name layer0_weights");
    command->callback([command, options] {
        if (options->list) refuse_idle_with_list(*command);
        run(*options);
    });
}

}  // namespace headroom::tools
