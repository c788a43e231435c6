#include "tools/layer_files.hpp"

#include <CLI/CLI.hpp>

#include "tools/layer_options.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {

void add_job_options(CLI::App& command, LayerJobOptions& options, bool with_chunk) {
    const auto file = [&](const char* option, std::string& path, const char* text) {
        return command.add_option(option, path, text)->type_name("FILE");
    };
    add_layer_options(command, options.weights, options.layer);
    file("--x", options.x, "Tokens, .npy [tokens, width] or [batch, tokens, width].");
    CLI::Option* const context =
        file("--context", options.context,
             "What keys and values are made of; default: --x (self-attention).");
    file("--context-values", options.context_values, "What values are made of, if not --context.")
        ->needs(context);
    CLI::Option* const mask =
        file("--mask", options.mask,
             "Mask, broadcast to [batch, heads, tokens, keys]: bool, true lets a key be seen; or "
             "numbers that are added to the scores, -inf hides. Keys beyond a shorter mask are "
             "hidden.");
    command
        .add_flag("--mask-may-hide-all", options.mask_may_hide_all,
                  "Accept a --mask that leaves queries, or even all, without a key.")
        ->needs(mask);
    file("--valid-keys", options.valid_keys,
         "Keys of each sequence before its padding, int64 [batch].");
    add_run_options(command, options.run, with_chunk);
}

std::vector<NamedFile> input_files(const LayerJobOptions& options) {
    return {{"--weights", options.weights}, {"--x", options.x},
            {"--context", options.context}, {"--context-values", options.context_values},
            {"--mask", options.mask},       {"--valid-keys", options.valid_keys}};
}

LayerFiles::LayerFiles(const LayerJobOptions& options)
    : x_(open_if_given(options.x)),
      context_(open_if_given(options.context)),
      context_values_(open_if_given(options.context_values)),
      mask_(open_if_given(options.mask)),
      valid_keys_(open_if_given(options.valid_keys)) {
    if (!x_) throw UserError("--x: no file of tokens given");
}

LayerArrays LayerFiles::arrays() const {
    const auto array = [](const std::optional<NpyFile>& file) {
        return file ? &file->array() : nullptr;
    };
    return {array(x_), array(context_), array(context_values_), array(mask_), array(valid_keys_)};
}

}  // namespace headroom::tools
