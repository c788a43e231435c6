// headroom_embed_demo: turns the demonstration's data into C++ when the project is built.
//
//   headroom_embed_demo weights  date_model.safetensors  date_weights.cpp
//   headroom_embed_demo held-out held_out.tsv            held_out.cpp
#include <cstddef>
#include <cstdio>
#include <exception>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "demo/date_shape.hpp"
#include "tools/aligned_bytes.hpp"
#include "tools/atomic_file.hpp"
#include "tools/layer_weights.hpp"
#include "tools/safetensors.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

using Size = std::int64_t;

// Numbers as initialisers, `write(to, number)` each, a handful on a line.
template <class Values, class Write>
std::string initialisers(const Values& values, std::size_t in_a_line, Write write) {
    std::string text;
    for (std::size_t i = 0; i < values.size(); ++i) {
        write(text, values[i]);
        text += (i + 1) % in_a_line == 0 || i + 1 == values.size() ? ",\n" : ",";
    }
    return text;
}

// Collects definitions of arrays, one for each tensor.
class WeightsFile {
public:
    explicit WeightsFile(const std::string& path) : file_(path) {}

    // Each of these defines arrays and gives the initialiser of the member that refers to them.
    std::string table(const std::string& tensor, Size rows, Size columns) {
        return array(tensor, read(tensor, {rows, columns}));
    }
    std::string norm(const std::string& prefix) {
        return "{" + array(prefix + ".scale", read(prefix + ".weight", {demo::width})) + ", " +
               array(prefix + ".shift", read(prefix + ".bias", {demo::width})) + "}";
    }
    // Transposed, and filled up with zeros to `padded` outputs.
    std::string dense(const std::string& prefix, Size outputs, Size padded) {
        const std::vector<float> stored = read(prefix + ".weight", {outputs, demo::width});
        std::vector<float> matrix(static_cast<std::size_t>(demo::width * padded), 0.0f);
        for (Size o = 0; o < outputs; ++o)
            for (Size i = 0; i < demo::width; ++i)
                matrix[static_cast<std::size_t>(i * padded + o)] =
                    stored[static_cast<std::size_t>(o * demo::width + i)];
        std::vector<float> bias = read(prefix + ".bias", {outputs});
        bias.resize(static_cast<std::size_t>(padded), 0.0f);
        return "{" + array(prefix + ".matrix", matrix) + ", " + array(prefix + ".bias", bias) + "}";
    }
    template <class Layer>
    std::string attention(const std::string& prefix) {
        const LayerWeights layer = read_layer(file_, {.prefix = prefix, .heads = demo::heads});
        AlignedBytes blob(Layer::weights_bytes);
        if (const Result r = Layer::pack(layer.tensors(), blob.bytes()); !r.ok())
            throw UserError(prefix + " cannot be packed: " + describe(r.status));
        const auto bytes = blob.bytes();
        define("unsigned char", prefix, bytes.size(),
               initialisers(bytes, 24, [](std::string& to, std::byte b) {
                   to += std::to_string(std::to_integer<unsigned>(b));
               }));
        return identifier(prefix);
    }

    const std::string& definitions() const { return definitions_; }

private:
    static std::string identifier(std::string name) {
        for (char& c : name)
            if (c == '.') c = '_';
        return name + "_";
    }
    std::vector<float> read(const std::string& tensor, const std::vector<Size>& shape) {
        const auto found = file_.tensors().find(tensor);
        if (found == file_.tensors().end()) throw UserError("no tensor " + in_quotes(tensor));
        if (found->second.shape != shape)
            throw UserError("tensor " + in_quotes(tensor) + " has shape " +
                            shape_text(found->second.shape) + ", not " + shape_text(shape));
        return file_.read_f32(tensor);
    }
    // Hexadecimal floats: exact, and every compiler reads them alike.
    std::string array(const std::string& name, const std::vector<float>& values) {
        define("float", name, values.size(), initialisers(values, 8, [](std::string& to, float v) {
                   char text[40];
                   std::snprintf(text, sizeof text, "%af", static_cast<double>(v));
                   to += text;
               }));
        return identifier(name);
    }
    void define(const char* type, const std::string& name, std::size_t size,
                const std::string& values) {
        definitions_ += "alignas(64) const " + std::string(type) + " " + identifier(name) + "[" +
                        std::to_string(size) + "] = {\n" + values + "};\n";
    }

    Safetensors file_;
    std::string definitions_;
};

std::string weights_source(const std::string& path) {
    using namespace demo;
    WeightsFile file(path);
    // In the order of DateWeights.
    std::string members = file.table("source_embedding.weight", source_tokens, width) + ", " +
                          file.table("source_position.weight", longest_text, width) + ",\n{";
    for (int i = 0; i < encoder_layers; ++i) {
        const std::string layer = "encoder." + std::to_string(i);
        members += "{" + file.norm(layer + ".norm1") + ", ";
        members += file.attention<EncoderAttention>(layer + ".self_attn") + ", ";
        members += file.norm(layer + ".norm2") + ",\n";
        members += file.dense(layer + ".ff1", width, width) + ", ";
        members += file.dense(layer + ".ff2", width, width) + "},\n";
    }
    members += "}, " + file.norm("encoder_norm") + ",\n";
    members += file.table("target_embedding.weight", target_tokens, width) + ", ";
    members += file.table("target_position.weight", answer_length, width) + ",\n";
    members += file.norm("decoder.0.norm1") + ", ";
    members += file.attention<DecoderAttention>("decoder.0.self_attn") + ",\n";
    members += file.norm("decoder.0.norm2") + ", ";
    members += file.attention<CrossAttention>("decoder.0.cross_attn") + ",\n";
    members += file.norm("decoder.0.norm3") + ",\n";
    members += file.dense("decoder.0.ff1", width, width) + ", ";
    members += file.dense("decoder.0.ff2", width, width) + ",\n";
    members +=
        file.norm("decoder_norm") + ", " + file.dense("output", target_letters, padded_letters);

    return "#include \"demo/date_weights.hpp\"\n\nnamespace headroom::demo {\nnamespace {\n" +
           file.definitions() +
           "}  // namespace\n\nconstinit const DateWeights date_weights = {\n" + members +
           "};\n\n}  // namespace headroom::demo\n";
}

std::string literal(const std::string& text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c < ' ' || c > '~')
            throw UserError("only printable ASCII can be embedded: " + in_quotes(text));
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + "\"";
}

std::string held_out_source(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw UserError(path + ": cannot be opened");
    std::string rows;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#')) continue;
        const auto first = line.find('\t'), second = line.find('\t', first + 1);
        if (first == std::string::npos || second == std::string::npos)
            throw UserError(path + ": a line without three columns: " + in_quotes(line));
        rows += "{" + literal(line.substr(0, first)) + ", " +
                literal(line.substr(first + 1, second - first - 1)) + ", " +
                literal(line.substr(second + 1)) + "},\n";
    }
    return "#include \"demo/held_out.hpp\"\n\nnamespace headroom::demo {\nnamespace {\n"
           "constexpr HeldOutSentence sentences[] = {\n" +
           rows +
           "};\n}  // namespace\n\n"
           "std::span<const HeldOutSentence> held_out_sentences() noexcept {\n"
           "    return sentences;\n}\n\n}  // namespace headroom::demo\n";
}

int run(const std::vector<std::string>& arguments) {
    if (arguments.size() == 3 && (arguments[0] == "weights" || arguments[0] == "held-out")) {
        const bool weights = arguments[0] == "weights";
        const std::string text =
            weights ? weights_source(arguments[1]) : held_out_source(arguments[1]);
        write_file(arguments[2], "// Made by headroom_embed_demo: do not edit.\n" + text);
        return 0;
    }
    std::fputs("usage: headroom_embed_demo weights|held-out FROM TO\n", stderr);
    return 2;
}

}  // namespace
}  // namespace headroom::tools

int main(int argc, char** argv) {
    try {
        return headroom::tools::run({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "headroom_embed_demo: %s\n", error.what());
        return 1;
    }
}
