// headroom layer: a whole attention layer out of a model's file, from tokens to tokens.
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "tools/atomic_file.hpp"
#include "tools/commands.hpp"
#include "tools/interrupt.hpp"
#include "tools/layer_job.hpp"
#include "tools/layer_list.hpp"
#include "tools/layer_options.hpp"
#include "tools/names.hpp"
#include "tools/npy_writer.hpp"
#include "tools/port_choice.hpp"
#include "tools/progress.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

struct LayerCommandOptions {
    LayerJobOptions job;
    std::string port, out;
    bool list = false;
};

std::vector<float> compute(LayerJob& job, LayerRunner& runner, const InterruptWatch& watch) {
    const auto size = static_cast<std::size_t>(job.tokens() * runner.shape().output_dim);
    std::vector<float> y(static_cast<std::size_t>(job.batches()) * size);
    Progress progress("layer", static_cast<double>(job.batches() * job.tokens()));
    for (Index batch = 0; batch < job.batches(); ++batch) {
        const std::span<float> out =
            std::span(y).subspan(static_cast<std::size_t>(batch) * size, size);
        LayerObservers observers;
        observers.progress = [&](Index tokens) {
            progress.reach(static_cast<double>(batch * job.tokens() + tokens));
            watch.throw_if_interrupted();
        };
        runner.run(job.sequence(batch, out), observers);
    }
    return y;
}

// The files that decide what a token sees; that it sees everything, if nothing does.
std::vector<std::string> visibility_text(const LayerJobOptions& options, const LayerJob& job) {
    std::vector<std::string> lines;
    if (!options.mask.empty()) lines.push_back("mask: " + options.mask);
    if (!options.valid_keys.empty()) lines.push_back("valid keys: " + options.valid_keys);
    const Attention& how = job.settings().how;
    if (lines.empty() && !how.causal && how.window_left < 0 && how.window_right < 0)
        lines.emplace_back(job.self() ? "every token sees every token"
                                      : "every token sees every token of the context");
    return lines;
}

void print_summary(const LayerCommandOptions& options, const LayerJob& job,
                   const LayerRunner& runner, const Port& port) {
    const std::string prefix(without_dot(job.weights().parts.prefix));
    std::printf("%s: %s, %s%s of %s on %s\n", options.out.c_str(),
                shape_text(job.output_dims()).c_str(), prefix.empty() ? "the layer" : "layer ",
                prefix.c_str(), options.job.weights.c_str(), port.name);
    std::printf("  %s\n", reading_text(job.weights(), runner.shape()).c_str());
    for (const std::string& line : settings_text(options.job.run, job.settings(), job.weights()))
        std::printf("  %s\n", line.c_str());
    for (const std::string& line : visibility_text(options.job, job))
        std::printf("  %s\n", line.c_str());
}

void run(const LayerCommandOptions& options) {
    const Safetensors file(options.job.weights);
    if (options.list) {
        std::fputs(layer_list(file, options.job.layer).c_str(), stdout);
        return;
    }
    const Port& port = choose_port(options.port).port;
    refuse_to_overwrite({"--out", options.out}, input_files(options.job));
    LayerJob job(file, options.job);
    print(job.remarks());
    LayerRunner runner(file, job.weights(), job.settings(), port, job.tokens(), job.keys());
    const InterruptWatch watch;   // as long as there is a temporary file
    AtomicFile out(options.out);  // refused, if it is, before the work
    const std::vector<float> y = compute(job, runner, watch);
    out.write(npy_header(Dtype::float32, job.output_dims()));
    out.write(std::as_bytes(std::span(y)));
    put_in_place(out, watch);
    print_summary(options, job, runner, port);
}

}  // namespace

void add_layer_command(CLI::App& app) {
    CLI::App* const command = app.add_subcommand(
        "layer", "Run an attention layer out of a model's file, from tokens to tokens.");
    const auto options = std::make_shared<LayerCommandOptions>();
    add_job_options(*command, options->job, /*with_chunk=*/true);
    command->add_option("--port", options->port, "The port to run on; default: the best one.");
    CLI::Option_group* const output = command->add_option_group("Output");
    output->add_option("--out", options->out, "Write the output to this .npy file, float32.")
        ->type_name("FILE");
    output->add_flag("--list", options->list, "Only print which layers the file holds.");
    output->require_option(1);
    command->footer(
        std::string(convention_help) +
        "\n"
        "What the model does beside its weights follows from the convention and is printed; each\n"
        "part has an option that overrides it. Position 0 is the first token of each sequence.\n"
        "\n"
        "Examples:\n"
        "  headroom layer --weights model.safetensors --list\n"
        "  headroom layer --weights bert.safetensors --prefix bert.encoder.layer.0.attention \\\n"
        "                 --heads 12 --x x.npy --out y.npy\n"
        "  headroom layer --weights llama.safetensors --prefix model.layers.0.self_attn \\\n"
        "                 --heads 32 --rotary-base 500000 --x x.npy --out y.npy\n"
        "  headroom layer --weights t5.safetensors \\\n"
        "                 --prefix decoder.block.0.layer.1.EncDecAttention --heads 8 \\\n"
        "                 --x x.npy --context encoded.npy --out y.npy");
    command->callback([command, options] {
        if (options->list) refuse_idle_with_list(*command);
        run(*options);
    });
}

}  // namespace headroom::tools
