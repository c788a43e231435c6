// headroom plan: the memory and the work of a layer, before anything is built or bought.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "tools/atomic_file.hpp"
#include "tools/c_array.hpp"
#include "tools/commands.hpp"
#include "tools/plan.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

struct PlanOptions {
    Shape shape;
    std::vector<int> heads;
    int workers = 1;
    std::int64_t keys = -1;
    bool json = false;
    std::string c_path;
    std::string name = "layer";
};

void run(const PlanOptions& options) {
    std::vector<Plan> plans;
    std::vector<std::string> left_out;
    for (const int heads : options.heads) {
        Shape shape = options.shape;
        shape.heads = heads;
        try {
            plans.push_back(make_plan(shape, options.workers, options.keys));
        } catch (const UserError& error) {
            left_out.emplace_back(error.what());
        }
    }
    // One that there cannot be is no reason to keep the others of a table back.
    if (plans.empty() || (options.json && !left_out.empty())) throw UserError(left_out.front());
    for (const std::string& why : left_out)
        std::fprintf(stderr, "headroom: note: left out: %s\n", why.c_str());
    if (!options.c_path.empty()) {
        if (options.heads.size() != 1)
            throw UserError("plan: --c-header takes one number of heads");
        if (!is_identifier(options.name))
            throw UserError("--name " + options.name + ": not a C variable's name");
        write_file(options.c_path, plan_header(options.name, plans[0]));
    }
    const std::string text = options.json                ? plan_json(plans)
                             : options.heads.size() == 1 ? plan_text(plans[0])
                                                         : plan_table(plans);
    std::fputs(text.c_str(), stdout);
    if (!options.c_path.empty() && !options.json)
        std::printf("\nThe bytes are also in %s.\n", options.c_path.c_str());
}

CLI::Option* add_width(CLI::App& command, const std::string& name, int& width,
                       const std::string& text) {
    return command.add_option(name, width, text)->check(CLI::Range(1, 65536));
}

void add_shape_options(CLI::App& command, PlanOptions& options) {
    Shape& shape = options.shape;
    const CLI::Range heads(1, 4096);
    add_width(command, "--model-dim", shape.model_dim, "Width of a token.")->required();
    command
        .add_option("--heads", options.heads,
                    "Query heads; several, with commas between, make a table.")
        ->required()
        ->delimiter(',')
        ->check(heads);
    command.add_option("--kv-heads", shape.kv_heads, "Key and value heads; default: heads.")
        ->check(heads);
    add_width(command, "--head-dim", shape.head_dim,
              "Width of a query and a key; default: model-dim / heads.");
    add_width(command, "--value-dim", shape.value_dim, "Width of a value; default: head-dim.");
    add_width(command, "--key-source-dim", shape.key_source_dim,
              "Width of what keys are projected from; default: model-dim.");
    add_width(command, "--value-source-dim", shape.value_source_dim,
              "Width of what values are projected from; default: model-dim.");
    add_width(command, "--output-dim", shape.output_dim, "Width of an output; default: model-dim.");
    command.add_flag("--extra-key", shape.extra_key,
                     "The weights hold a key and value (PyTorch's bias_k, bias_v).");
    add_width(command, "--rotary-dim", shape.rotary_dim,
              "Elements of a head that RotaryComputed rotates; it needs scratch.");
}

void add_cache_options(CLI::App& command, PlanOptions& options) {
    Shape& shape = options.shape;
    constexpr std::int64_t most = std::int64_t{1} << 40;
    const CLI::Range tokens(std::int64_t{1}, most), none(std::int64_t{0}, most);
    add_width(command, "--max-queries", shape.max_queries, "Tokens processed at once; default: 1.");
    CLI::Option* const max_keys =
        command.add_option("--max-keys", shape.max_keys, "Contiguous cache: tokens it holds.")
            ->check(tokens);
    CLI::Option* const window =
        command.add_option("--window", shape.window, "Ring cache: keys that a token sees.")
            ->check(tokens)
            ->excludes(max_keys);
    command.add_option("--sinks", shape.sinks, "Ring cache: first tokens that stay.")
        ->check(none)
        ->needs(window);
    command.add_option("--workers", options.workers, "Cores that share a call; default: 1.")
        ->check(CLI::Range(1, 4096));
    command
        .add_option("--keys", options.keys, "Keys that the token sees; default: as many as it can.")
        ->check(none);
}

}  // namespace

void add_plan_command(CLI::App& app) {
    CLI::App* const command =
        app.add_subcommand("plan", "Print the bytes of a layer's arenas and the work of a token.");
    const auto options = std::make_shared<PlanOptions>();
    add_shape_options(*command, *options);
    add_cache_options(*command, *options);
    command->add_flag("--json", options->json, "Print a JSON array instead of text.");
    CLI::Option* const header = command->add_option(
        "--c-header", options->c_path, "Also write the bytes to this file, as C enum constants.");
    command
        ->add_option("--name", options->name,
                     "With --c-header: what the constants' names start with; default: layer.")
        ->needs(header);
    command->footer(
        "More heads of the same model are narrower heads: as much work, cache and weights. Fewer\n"
        "key and value heads (--kv-heads) make weights, cache and what is read of it smaller.\n"
        "\n"
        "Examples:\n"
        "  headroom plan --model-dim 512 --heads 8 --max-keys 2048\n"
        "  headroom plan --model-dim 512 --heads 1,2,4,8,16 --max-queries 16 --max-keys 2048\n"
        "  headroom plan --model-dim 256 --heads 8 --kv-heads 2 --window 512 --sinks 4 \\\n"
        "                --c-header layer_plan.h --name layer");
    command->callback([options] { run(*options); });
}

}  // namespace headroom::tools
