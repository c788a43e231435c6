#include "tools/layer_options.hpp"

#include <set>

#include <CLI/CLI.hpp>

#include "tools/user_error.hpp"

namespace headroom::tools {

void add_layer_options(CLI::App& command, std::string& weights, LayerOptions& layer) {
    const CLI::Range heads(1, 4096), width(1, 65536);
    command
        .add_option("--weights", weights,
                    "The .safetensors file with the layer: F32, F16, BF16 or F64.")
        ->required()
        ->type_name("FILE");
    command.add_option("--prefix", layer.prefix, "What the layer's tensors' names start with.");
    command
        .add_option("--heads", layer.heads,
                    "Query heads; needed unless --head-dim or the tensors tell. A wrong divisor is "
                    "not noticed; --head-dim checks it.")
        ->check(heads);
    command.add_option("--kv-heads", layer.kv_heads, "Key and value heads; checked if given.")
        ->check(heads);
    command.add_option("--head-dim", layer.head_dim, "Width of a query; checked if given.")
        ->check(width);
    command.add_option("--value-dim", layer.value_dim, "Width of a value; checked if given.")
        ->check(width);
}

void refuse_idle_with_list(const CLI::App& command) {
    static const std::set<std::string> used = {"--weights", "--prefix", "--heads", "--head-dim"};
    for (const CLI::Option* const option : command.get_options({})) {
        if (option->count() > 0 && !used.contains(option->get_name()))
            throw UserError(option->get_name() + ": has no effect with --list");
    }
}

const char* const convention_help =
    "The names under the prefix tell how a layer is stored:\n"
    "  PyTorch          in_proj_weight, or q_proj_weight, k_proj_weight, v_proj_weight;\n"
    "                   in_proj_bias, bias_k, bias_v, out_proj.weight, out_proj.bias\n"
    "  Llama, Mistral,  q_proj, k_proj, v_proj, o_proj, each .weight and maybe .bias;\n"
    "  Qwen2            causal, rotary\n"
    "  Whisper, BART,   q_proj, k_proj, v_proj, out_proj; causal in a decoder's self_attn\n"
    "  others\n"
    "  BERT             self.query, self.key, self.value, output.dense; prefix ...attention\n"
    "  ViT              attention.query, attention.key, attention.value, output.dense\n"
    "  GPT-2            c_attn and c_proj, stored transposed; causal\n"
    "  T5               q, k, v, o; not scaled; relative_attention_bias of the stack's first\n"
    "                   block; causal in the decoder\n"
    "--list shows the layers of a file, and the prefix of each.\n";

}  // namespace headroom::tools
