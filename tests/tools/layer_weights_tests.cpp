// Finding a layer in a file: the shapes that follow, and what is refused.
#include <doctest.h>

#include "tools/layer_weights.hpp"

#include <string>

#include "tools/c_array.hpp"
#include "tools/safetensors_file.hpp"
#include "tools/user_error.hpp"

using headroom::test::Folder;
using headroom::test::TensorFile;
using headroom::tools::LayerOptions;
using headroom::tools::LayerWeights;

namespace {

LayerWeights read(const TensorFile& tensors, const LayerOptions& options) {
    const Folder folder;
    tensors.write(folder.path() / "f");
    const headroom::tools::Safetensors file(folder.path() / "f");
    return headroom::tools::read_layer(file, options);
}

std::string complaint(const TensorFile& tensors, const LayerOptions& options) {
    try {
        read(tensors, options);
        return "ok";
    } catch (const headroom::tools::UserError& error) {
        const std::string text = error.what();
        return text.substr(text.find("f: ") + 3);
    }
}

// 8 wide, 4 query heads of width 3, 2 key heads, values 5 wide, output 6 wide
TensorFile grouped(const std::string& prefix) {
    TensorFile file;
    file.add(prefix + "q_proj.weight", {12, 8}).add(prefix + "k_proj.weight", {6, 8});
    file.add(prefix + "v_proj.weight", {10, 8}).add(prefix + "o_proj.weight", {6, 20});
    file.add(prefix + "q_proj.bias", {12});
    return file;
}

}  // namespace

TEST_CASE("layer weights: PyTorch's fused projection") {
    TensorFile file;
    file.add("attn.in_proj_weight", {12, 4}).add("attn.in_proj_bias", {12});
    file.add("attn.out_proj.weight", {4, 4}).add("attn.out_proj.bias", {4}).add("other", {3});
    for (const char* prefix : {"attn", "attn."}) {
        const LayerWeights layer = read(file, {.prefix = prefix, .heads = 2});
        CHECK(layer.shape.model_dim == 4);
        CHECK(layer.shape.head_dim == 2);
        CHECK(layer.shape.kv_heads == 2);
        CHECK(layer.shape.output_dim == 4);
        CHECK_FALSE(layer.shape.extra_key);
        CHECK(layer.query.size() == 16);
        CHECK(layer.query.front() == 0.0f);
        CHECK(layer.key.front() == 16.0f);
        CHECK(layer.value.front() == 32.0f);
        CHECK(layer.query_bias == std::vector<float>{48, 49, 50, 51});
        CHECK(layer.value_bias == std::vector<float>{56, 57, 58, 59});
        CHECK(layer.output_bias == std::vector<float>{76, 77, 78, 79});
        CHECK(layer.parts.used.size() == 4);
        CHECK(layer.parts.ignored.empty());
    }
}

TEST_CASE("layer weights: PyTorch's separate projections, and its extra key") {
    TensorFile file;
    file.add("q_proj_weight", {4, 4}).add("k_proj_weight", {4, 3}).add("v_proj_weight", {4, 5});
    file.add("in_proj_bias", {12}).add("bias_k", {1, 1, 4}).add("bias_v", {1, 1, 4});
    file.add("out_proj.weight", {4, 4});
    const LayerWeights layer = read(file, {.heads = 4});
    CHECK(layer.shape.key_source_dim == 3);
    CHECK(layer.shape.value_source_dim == 5);
    CHECK(layer.shape.head_dim == 1);
    CHECK(layer.shape.extra_key);
    CHECK(layer.extra_key.size() == 4);
    CHECK(layer.output_bias.empty());
}

TEST_CASE("layer weights: one module for each projection, grouped heads") {
    const LayerWeights layer = read(grouped("a.b."), {.prefix = "a.b", .heads = 4});
    CHECK(layer.shape.model_dim == 8);
    CHECK(layer.shape.head_dim == 3);
    CHECK(layer.shape.kv_heads == 2);
    CHECK(layer.shape.value_dim == 5);
    CHECK(layer.shape.output_dim == 6);
    CHECK(layer.query_bias.size() == 12);
    CHECK(layer.key_bias.empty());
    CHECK(complaint(grouped(""), {.heads = 4, .kv_heads = 2, .head_dim = 3, .value_dim = 5}) ==
          "ok");
    CHECK(
        read(grouped("a.").add("a.norm.weight", {3}), {.prefix = "a", .heads = 4}).parts.ignored ==
        std::vector<std::string>{"a.norm.weight"});
}

TEST_CASE("layer weights: hints where there is no layer") {
    TensorFile many;
    for (const char* number : {"0", "1", "2", "10", "11"})
        many.add("h." + std::string(number) + ".attn.in_proj_weight", {3, 1});
    CHECK(complaint(many, {.prefix = "h.110.attn"}) ==
          "no attention weights under this prefix; try --prefix \"h.10.attn\" or \"h.11.attn\" or "
          "\"h.0.attn\"; --list shows all");
    CHECK(complaint(many, {}) ==
          "no attention weights under this prefix; try --prefix \"h.0.attn\" or \"h.1.attn\" or "
          "\"h.2.attn\"; --list shows all");
    CHECK(complaint(many, {.prefix = "h"}).starts_with("no attention weights under this prefix"));
    many.add("x.query_key_value.weight", {3, 1})
        .add("x.dense.weight", {1, 1})
        .add("x.dense.bias", {1});
    CHECK(complaint(many, {.prefix = "x"})
              .starts_with("prefix \"x\" holds \"dense.weight\", \"query_key_value.weight\": not a "
                           "known convention; try"));
    many.add("x.a", {1}).add("x.b", {1});
    CHECK(complaint(many, {.prefix = "x"}).find("\"b\", ...: not a known") == std::string::npos);
    CHECK(complaint(many, {.prefix = "x"}).find("\"dense.weight\", ...: not") != std::string::npos);
}

TEST_CASE("layer weights: layers in the order of their numbers") {
    const headroom::tools::NaturalOrder before;
    const std::vector<std::string> names = {"", "h", "h.1", "h.2", "h.2.a", "h.10", "h.a", "i"};
    for (std::size_t i = 0; i < names.size(); ++i)
        for (std::size_t j = 0; j < names.size(); ++j) CHECK(before(names[i], names[j]) == (i < j));
    CHECK(before("h.01", "h.1"));
    CHECK(!before("h.1", "h.01"));
    CHECK(before("h.01", "h.2"));
}

TEST_CASE("layer weights: what is refused") {
    CHECK(complaint(grouped("a."), {.heads = 4}) ==
          "no attention weights under this prefix; try --prefix \"a\"");
    CHECK(complaint(grouped(""), {.heads = 5}) ==
          "tensor \"q_proj.weight\": 12 rows cannot be shared by 5 heads");
    CHECK(complaint(grouped(""), {.heads = 3}) ==
          "tensor \"k_proj.weight\": 6 rows are no whole number of heads of width 4");
    CHECK(complaint(grouped(""), {.heads = 4, .kv_heads = 1}) ==
          "tensor \"k_proj.weight\": makes 2 key heads, but --kv-heads is 1");
    CHECK(complaint(grouped(""), {.heads = 4, .head_dim = 4}).find("but --head-dim is 4") !=
          std::string::npos);
    CHECK(complaint(grouped(""), {.heads = 4, .value_dim = 4}).find("but --value-dim is 4") !=
          std::string::npos);
    CHECK(complaint(grouped("").add("k_proj.bias", {5}), {.heads = 4}) ==
          "tensor \"k_proj.bias\": has shape [5]; the weights ask for 6 elements");
    CHECK(complaint(grouped("").add("bias_v", {10}), {.heads = 4}) ==
          "tensor \"bias_k\": is missing");
    CHECK(complaint(grouped("").add("out_proj.weight", {6, 20}), {.heads = 4}) ==
          "both o_proj.weight and out_proj.weight under this prefix");
    CHECK(complaint(grouped("").add("in_proj_weight", {3, 1}), {.heads = 4}) ==
          "more than one naming of the query weights under this prefix: in_proj_weight and "
          "q_proj.weight");

    TensorFile file;
    CHECK(complaint(file.add("in_proj_weight", {9, 4}), {.heads = 1}) ==
          "tensor \"in_proj_weight\": has shape [9, 4], not [3E, E] for queries, keys and values");
    TensorFile narrow;
    narrow.add("q_proj.weight", {4, 4}).add("k_proj.weight", {4, 4}).add("v_proj.weight", {4, 4});
    CHECK(complaint(narrow, {.heads = 1}) == "tensor \"out_proj.weight\": is missing");
    CHECK(complaint(narrow.add("out_proj.weight", {4, 3}), {.heads = 1}) ==
          "tensor \"out_proj.weight\": has shape [4, 3]; the heads' values are 4 wide");
}

TEST_CASE("C array: names") {
    CHECK(headroom::tools::is_identifier("layer0_weights"));
    CHECK(headroom::tools::is_identifier("_"));
    for (const char* bad : {"", "0a", "a b", "a-b", "class", "restrict", "\xc3\xa4"}) {
        CHECK_FALSE(headroom::tools::is_identifier(bad));
    }
}
