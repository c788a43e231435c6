#include "tools/conventions.hpp"

#include <algorithm>

#include "tools/names.hpp"

namespace headroom::tools {
namespace {

using Names = std::array<const char*, 4>;

constexpr Names projection_weights{"q_proj.weight", "k_proj.weight", "v_proj.weight",
                                   "out_proj.weight"};
constexpr Names projection_biases{"q_proj.bias", "k_proj.bias", "v_proj.bias", "out_proj.bias"};

const std::vector<Convention::Unsupported> normalised = {
    {"sinks",
     "the model has a sink logit for each head (as gpt-oss), which this tool does not pass"},
    {"q_norm.weight", "the model normalises its queries (as Qwen3), which the library does not"},
    {"k_norm.weight", "the model normalises its keys (as Qwen3), which the library does not"},
};
const std::vector<Convention::Unsupported> relative_keys = {
    {"self.distance_embedding.weight",
     "the model embeds distances in its keys, which the library does not"},
};

// Of two rows with the same weights[0] the first that fits is taken.
const std::vector<Convention> table = {
    {.name = "PyTorch",
     .weights = {"in_proj_weight", nullptr, nullptr, "out_proj.weight"},
     .biases = {"in_proj_bias", nullptr, nullptr, "out_proj.bias"},
     .may_have_zero_key = true},
    {.name = "PyTorch, separate",
     .weights = {"q_proj_weight", "k_proj_weight", "v_proj_weight", "out_proj.weight"},
     .biases = {"in_proj_bias", nullptr, nullptr, "out_proj.bias"},
     .may_have_zero_key = true},
    {.name = "Llama, Mistral, Qwen2",
     .weights = {"q_proj.weight", "k_proj.weight", "v_proj.weight", "o_proj.weight"},
     .biases = {"q_proj.bias", "k_proj.bias", "v_proj.bias", "o_proj.bias"},
     .present = {"o_proj.weight"},
     .companions = {"rotary_emb.inv_freq"},
     .unsupported = normalised,
     .causal = CausalHabit::always,
     .rotary = true,
     .head_dim_halves = "rotary_emb.inv_freq"},
    {.name = "Whisper",
     .weights = projection_weights,
     .biases = projection_biases,
     .present = {"q_proj.bias", "v_proj.bias"},
     .absent = {"k_proj.bias"},
     .causal = CausalHabit::decoder_self},
    {.name = "q_proj, k_proj, v_proj, out_proj",  // BART, OPT, Marian
     .weights = projection_weights,
     .biases = projection_biases,
     .causal = CausalHabit::decoder_self},
    {.name = "BERT",
     .weights = {"self.query.weight", "self.key.weight", "self.value.weight",
                 "output.dense.weight"},
     .biases = {"self.query.bias", "self.key.bias", "self.value.bias", "output.dense.bias"},
     .companions = {"output.LayerNorm.weight", "output.LayerNorm.bias", "output.LayerNorm.gamma",
                    "output.LayerNorm.beta"},
     .unsupported = relative_keys},
    {.name = "ViT",
     .weights = {"attention.query.weight", "attention.key.weight", "attention.value.weight",
                 "output.dense.weight"},
     .biases = {"attention.query.bias", "attention.key.bias", "attention.value.bias",
                "output.dense.bias"}},
    {.name = "GPT-2",
     .weights = {"c_attn.weight", nullptr, nullptr, "c_proj.weight"},
     .biases = {"c_attn.bias", nullptr, nullptr, "c_proj.bias"},
     .transposed = true,
     .companions = {"bias", "masked_bias"},  // the causal mask, as tensors
     .unsupported = {{"q_attn.weight", "cross-attention of GPT-2 is not supported"}},
     .causal = CausalHabit::always},
    {.name = "T5",
     .weights = {"q.weight", "k.weight", "v.weight", "o.weight"},
     .biases = {"q.bias", "k.bias", "v.bias", "o.bias"},
     .companions = {"relative_attention_bias.weight"},
     .causal = CausalHabit::decoder_self,
     .unscaled = true,
     .relative_bias = "relative_attention_bias.weight"},
};

bool fits(const Convention& convention, const Safetensors& file, const std::string& prefix) {
    const auto has = [&](const char* name) { return file.tensors().contains(prefix + name); };
    return has(convention.weights[0]) &&
           std::all_of(convention.present.begin(), convention.present.end(), has) &&
           std::none_of(convention.absent.begin(), convention.absent.end(), has);
}

}  // namespace

std::span<const Convention> conventions() { return table; }

std::vector<const Convention*> recognise(const Safetensors& file, const std::string& prefix) {
    std::vector<const Convention*> found;
    for (const Convention& each : table) {
        const bool known = std::any_of(found.begin(), found.end(), [&](const Convention* other) {
            return std::string_view(other->weights[0]) == each.weights[0];
        });
        if (!known && fits(each, file, prefix)) found.push_back(&each);
    }
    return found;
}

bool is_causal(const Convention& convention, std::string_view prefix) {
    if (convention.causal != CausalHabit::decoder_self)
        return convention.causal == CausalHabit::always;
    const std::string_view last = last_component(prefix);
    const bool below_decoder =
        prefix.starts_with("decoder.") || prefix.find(".decoder.") != std::string_view::npos;
    return below_decoder && (last == "self_attn" || last == "SelfAttention");
}

std::string_view last_component(std::string_view prefix) {
    prefix = without_dot(prefix);
    const std::size_t dot = prefix.rfind('.');
    return dot == std::string_view::npos ? prefix : prefix.substr(dot + 1);
}

}  // namespace headroom::tools
