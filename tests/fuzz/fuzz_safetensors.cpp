// The reader of .safetensors files and what looks for layers in them: whatever the bytes are, they
// are refused in one line, or every tensor lies inside the file and a layer has the sizes it says.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "fuzz/input.hpp"
#include "tools/aligned_bytes.hpp"
#include "tools/layer_list.hpp"
#include "tools/layer_weights.hpp"
#include "tools/safetensors.hpp"
#include "tools/user_error.hpp"

namespace {

using namespace headroom;
using namespace headroom::tools;
using headroom::fuzz::require;

// Runs what may refuse the input. What it says is one line for a terminal.
template <class Work>
void allowing_refusal(Work work) {
    try {
        work();
    } catch (const UserError& error) {
        require(std::strncmp(error.what(), "input: ", 7) == 0, "a message starts with the file");
        for (const char* c = error.what(); *c != '\0'; ++c)
            require(static_cast<unsigned char>(*c) >= ' ', "a message is one line of text");
    }
}

void read_tensors(const Safetensors& file, std::size_t bytes) {
    for (const auto& [name, entry] : file.tensors()) {
        require(entry.begin <= entry.end && entry.end <= bytes, "a tensor lies in the file");
        std::uint64_t size = 1;
        for (const std::int64_t n : entry.shape) size *= static_cast<std::uint64_t>(n);
        allowing_refusal([&, &tensor = name] {
            require(file.read_f32(tensor).size() == size, "as many elements as the shape says");
        });
    }
}

void read_layers(const Safetensors& file, int heads) {
    allowing_refusal([&] { (void)layer_list(file, {.heads = heads}); });
    for (const std::string& prefix : layer_prefixes(file)) {
        allowing_refusal([&] {
            const LayerWeights layer = read_layer(file, {.prefix = prefix, .heads = heads});
            require(valid(layer.shape), "a layer that is read can exist");
            (void)run_time_notes(layer);
            (void)warnings(file, layer);
            AlignedBytes blob(weights_bytes(layer.shape));
            pack_layer(file, layer, blob.bytes());
            require(check_weights(layer.shape, blob.bytes()).ok(), "what is packed is accepted");
        });
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const int heads = data[0] % 5;  // 0: the tensors must tell
    const auto bytes = std::as_bytes(std::span(data, size)).subspan(1);
    allowing_refusal([&] {
        const Safetensors file(bytes, "input");
        read_tensors(file, bytes.size());
        read_layers(file, heads);
    });
    return 0;
}
