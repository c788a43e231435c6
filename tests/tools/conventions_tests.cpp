// What is recognised in a file, what is taken for which part of the layer, and what is said of it.
#include <doctest.h>

#include "tools/conventions.hpp"

#include <limits>
#include <string>
#include <vector>

#include "tools/layer_list.hpp"
#include "tools/safetensors_file.hpp"
#include "tools/user_error.hpp"

using headroom::test::Folder;
using headroom::test::TensorFile;
using namespace headroom::tools;

namespace {

LayerWeights read(const TensorFile& tensors, const LayerOptions& options) {
    const Folder folder;
    tensors.write(folder.path() / "f");
    return read_layer(Safetensors(folder.path() / "f"), options);
}

std::string list(const TensorFile& tensors, const LayerOptions& options = {}) {
    const Folder folder;
    tensors.write(folder.path() / "f");
    return layer_list(Safetensors(folder.path() / "f"), options);
}

std::string complaint(const TensorFile& tensors, const LayerOptions& options) {
    try {
        read(tensors, options);
        return "ok";
    } catch (const UserError& error) {
        const std::string text = error.what();
        CHECK(text.find('\n') == std::string::npos);
        return text.substr(text.find("f: ") + 3);
    }
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

const Convention& named(const std::string& name) {
    for (const Convention& each : conventions()) {
        if (each.name == name) return each;
    }
    FAIL("no convention " << name);
    return conventions()[0];
}

// A layer 4 wide of that convention at "m.", without the weight of that number.
TensorFile layer_of(const Convention& convention, int without = -1) {
    TensorFile file;
    for (int i = 0; i < 4; ++i) {
        const char* const name = convention.weights[static_cast<std::size_t>(i)];
        if (name == nullptr || i == without) continue;
        const bool fused = i == 0 && convention.weights[1] == nullptr;
        const std::int64_t rows = fused ? 12 : 4;
        file.add("m." + std::string(name), convention.transposed
                                               ? std::vector<std::int64_t>{4, rows}
                                               : std::vector{rows, std::int64_t{4}});
    }
    for (const char* name : convention.present) {
        if (contains(name, "bias")) file.add("m." + std::string(name), {4});
    }
    return file;
}

TensorFile t5_stack() {
    TensorFile file;
    for (const std::string prefix :
         {"decoder.block.0.layer.0.SelfAttention.", "decoder.block.0.layer.1.EncDecAttention.",
          "decoder.block.11.layer.0.SelfAttention."}) {
        for (const char* part : {"q", "k", "v"}) file.add(prefix + part + ".weight", {6, 4});
        file.add(prefix + "o.weight", {4, 6});
    }
    return file.add("decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight", {8, 3});
}

}  // namespace

TEST_CASE("conventions: each is recognised, and misses each of its tensors by name") {
    for (const Convention& convention : conventions()) {
        INFO(convention.name);
        CHECK(contains(list(layer_of(convention)),
                       std::string("\"m\"") + std::string(5, ' ') + convention.name));
        CHECK(read(layer_of(convention), {.prefix = "m", .heads = 2}).parts.convention ==
              &convention);
        for (int i = 1; i < 4; ++i) {
            const char* const name = convention.weights[static_cast<std::size_t>(i)];
            if (name == nullptr) continue;
            const std::string text =
                complaint(layer_of(convention, i), {.prefix = "m", .heads = 2});
            // Without its o_proj a Llama is not told from the others, which have an out_proj.
            const bool llama = std::string(name) == "o_proj.weight";
            CHECK(text ==
                  "tensor \"m." + std::string(llama ? "out_proj.weight" : name) + "\": is missing");
        }
        CHECK(contains(complaint(layer_of(convention, 0), {.prefix = "m", .heads = 2}),
                       "not a known convention"));
    }
}

TEST_CASE("conventions: GPT-2's fused and transposed projection") {
    TensorFile file;
    file.add("h.0.attn.c_attn.weight", {2, 6}).add("h.0.attn.c_attn.bias", {6});
    file.add("h.0.attn.c_proj.weight", {2, 2}).add("h.0.attn.c_proj.bias", {2});
    file.add("h.0.attn.bias", {1, 1, 8, 8}).add("h.0.attn.masked_bias", {});
    const LayerWeights layer = read(file, {.prefix = "h.0.attn", .heads = 1});
    CHECK(layer.query == std::vector<float>{0, 6, 1, 7});
    CHECK(layer.key == std::vector<float>{2, 8, 3, 9});
    CHECK(layer.value == std::vector<float>{4, 10, 5, 11});
    CHECK(layer.key_bias == std::vector<float>{14, 15});
    CHECK(layer.output == std::vector<float>{18, 20, 19, 21});
    CHECK(layer.parts.ignored.empty());

    TensorFile wrong;
    wrong.add("c_attn.weight", {6, 2}).add("c_proj.weight", {2, 2});
    CHECK(complaint(wrong, {.heads = 1}) ==
          "tensor \"c_attn.weight\": has shape [6, 2], not [E, 3E] for queries, keys and values");
}

TEST_CASE("conventions: what the library does not do is refused") {
    CHECK(contains(complaint(layer_of(named("Llama, Mistral, Qwen2")).add("m.q_norm.weight", {2}),
                             {.prefix = "m", .heads = 2}),
                   "tensor \"m.q_norm.weight\": the model normalises its queries (as Qwen3)"));
    CHECK(contains(complaint(layer_of(named("Llama, Mistral, Qwen2")).add("m.sinks", {2}),
                             {.prefix = "m", .heads = 2}),
                   "tensor \"m.sinks\": the model has a sink logit for each head (as gpt-oss)"));
    CHECK(
        contains(complaint(layer_of(named("BERT")).add("m.self.distance_embedding.weight", {9, 2}),
                           {.prefix = "m", .heads = 2}),
                 "tensor \"m.self.distance_embedding.weight\": the model embeds distances"));
    const TensorFile cross = layer_of(named("GPT-2")).add("m.q_attn.weight", {4, 4});
    CHECK(contains(complaint(cross, {.prefix = "m", .heads = 2}), "cross-attention of GPT-2"));
    CHECK(contains(list(cross), "\"m\"     unusable          tensor \"m.q_attn.weight\""));
}

TEST_CASE("conventions: heads, where the tensors tell") {
    const Convention& llama = named("Llama, Mistral, Qwen2");
    CHECK(complaint(layer_of(llama), {.prefix = "m"}) ==
          "tensor \"m.q_proj.weight\": its 4 rows do not tell how many heads share them: give "
          "--heads (num_attention_heads in the model's config.json)");
    CHECK(read(layer_of(llama), {.prefix = "m", .head_dim = 2}).shape.heads == 2);
    const TensorFile old = layer_of(llama).add("m.rotary_emb.inv_freq", {1});
    CHECK(read(old, {.prefix = "m"}).shape.heads == 2);
    CHECK(read(old, {.prefix = "m"}).parts.ignored.empty());
    CHECK(read(t5_stack(), {.prefix = "decoder.block.11.layer.0.SelfAttention"}).shape.heads == 3);
    CHECK(contains(complaint(t5_stack(), {.prefix = "decoder.block.0.layer.1.EncDecAttention"}),
                   "give --heads"));
}

TEST_CASE("conventions: T5's relative bias is that of the stack's first block") {
    const LayerWeights layer =
        read(t5_stack(), {.prefix = "decoder.block.11.layer.0.SelfAttention"});
    CHECK(layer.parts.relative_bias ==
          "decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight");
    CHECK(layer.relative_bias.buckets == 8);
    CHECK(layer.relative_bias.values.size() == 24);
    CHECK(layer.parts.ignored.empty());
    CHECK(read(t5_stack(), {.prefix = "decoder.block.0.layer.1.EncDecAttention", .heads = 3})
              .relative_bias.buckets == 0);
    CHECK(contains(
        complaint(t5_stack(), {.prefix = "decoder.block.0.layer.0.SelfAttention", .heads = 2}),
        "relative_attention_bias.weight\": has shape [8, 3], not [buckets, 2]"));
}

TEST_CASE("conventions: which layers are causal") {
    CHECK(is_causal(named("GPT-2"), "h.0.attn."));
    CHECK(is_causal(named("Whisper"), "model.decoder.layers.0.self_attn."));
    CHECK(is_causal(named("T5"), "decoder.block.0.layer.0.SelfAttention."));
    CHECK(
        is_causal(named("q_proj, k_proj, v_proj, out_proj"), "model.decoder.layers.0.self_attn."));
    CHECK_FALSE(
        is_causal(named("q_proj, k_proj, v_proj, out_proj"), "encoder.layers.0.self_attn."));
    CHECK_FALSE(is_causal(named("Whisper"), "model.decoder.layers.0.encoder_attn."));
    CHECK_FALSE(is_causal(named("Whisper"), "model.encoder.layers.0.self_attn."));
    CHECK_FALSE(is_causal(named("T5"), "encoder.block.0.layer.0.SelfAttention."));
    CHECK_FALSE(is_causal(named("T5"), "decoder.block.0.layer.1.EncDecAttention."));
    CHECK_FALSE(is_causal(named("PyTorch"), "decoder.layers.0.self_attn."));
    CHECK_FALSE(is_causal(named("Whisper"), "my_decoder.self_attn."));
}

TEST_CASE("conventions: what a program must pass at run time is said") {
    const auto notes = [](const TensorFile& file, const LayerOptions& options) {
        std::string text;
        for (const std::string& note : run_time_notes(read(file, options))) text += note + "\n";
        return text;
    };
    const std::string t5 = notes(t5_stack(), {.prefix = "decoder.block.11.layer.0.SelfAttention"});
    CHECK(contains(t5, "how.scale = 1"));
    CHECK(contains(t5, "how.causal = true"));
    CHECK(contains(t5, "ScoreBias with the values of decoder.block.0."));
    const std::string llama =
        notes(layer_of(named("Llama, Mistral, Qwen2")), {.prefix = "m", .heads = 2});
    CHECK(contains(llama, "Shape::rotary_dim = 2"));
    CHECK(contains(llama, "RotaryComputed{{.dim = 2"));
    CHECK(contains(notes(layer_of(named("PyTorch")), {.prefix = "m", .heads = 2}), "ZeroKey"));
    CHECK(notes(layer_of(named("BERT")), {.prefix = "m", .heads = 2}).empty());
}

TEST_CASE("conventions: warnings") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    TensorFile file;
    file.add("m.in_proj_weight", {12, 4}, nan).add("m.out_proj.weight", {4, 4});
    file.add("m.out_proj.bias", {4}, -std::numeric_limits<float>::infinity()).add("m.other", {2});
    const Folder folder;
    file.write(folder.path() / "f");
    const Safetensors opened(folder.path() / "f");
    const std::vector<std::string> lines =
        warnings(opened, read_layer(opened, {.prefix = "m", .heads = 2}));
    REQUIRE(lines.size() == 3);
    CHECK(contains(lines[0], "f: tensor \"m.other\" is under the prefix but has no part"));
    CHECK(contains(lines[1], "f: tensor \"m.in_proj_weight\" holds a NaN or an infinity"));
    CHECK(contains(lines[2], "f: tensor \"m.out_proj.bias\" holds a NaN or an infinity"));
}

TEST_CASE("conventions: the list") {
    CHECK(contains(list(t5_stack()),
                   "\"decoder.block.11.layer.0.SelfAttention\"   T5          F32   4 wide, queries "
                   "6, keys and values 6, 3 heads of 2; no biases; relative bias\n"));
    CHECK_FALSE(contains(list(t5_stack(), {.prefix = "decoder.block.0"}), "block.11"));
    CHECK_THROWS_WITH_AS(list(TensorFile().add("x", {1})),
                         doctest::Contains("f: no attention layer among its 1 tensors"), UserError);
    CHECK_THROWS_WITH_AS(list(t5_stack(), {.prefix = "encoder"}),
                         doctest::Contains("no attention layer below this prefix"), UserError);
}
