// headroom heads: where the heads of a layer look, as text and as a page.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "tools/atomic_file.hpp"
#include "tools/commands.hpp"
#include "tools/head_verdict.hpp"
#include "tools/heads_page.hpp"
#include "tools/heads_text.hpp"
#include "tools/layer_job.hpp"
#include "tools/layer_options.hpp"
#include "tools/names.hpp"
#include "tools/observe_heads.hpp"
#include "tools/port_choice.hpp"
#include "tools/shades.hpp"
#include "tools/shape_code.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

struct HeadsOptions {
    LayerJobOptions job;
    Index sequence = 0;
    std::string labels, context_labels;  // files; empty: none
    std::string port, html;
    bool text = false, ascii = false;
};

std::vector<std::string> read_labels(const std::string& path, const char* option,
                                     std::int64_t tokens) {
    if (path.empty()) return {};
    std::ifstream file(path);
    if (!file) throw UserError(path + ": cannot be opened");
    std::vector<std::string> labels;
    for (std::string line; std::getline(file, line);) {
        if (line.ends_with('\r')) line.pop_back();
        std::replace_if(
            line.begin(), line.end(), [](char c) { return c >= 0 && c < ' '; }, ' ');
        labels.push_back(line);
    }
    if (file.bad()) throw UserError(path + ": cannot be read");
    if (static_cast<std::int64_t>(labels.size()) != tokens)
        throw UserError(path + ": has " + std::to_string(labels.size()) + " lines; " + option +
                        " takes one for each of " + std::to_string(tokens) + " tokens");
    return labels;
}

struct Labels {
    std::vector<std::string> queries, keys;
};

Labels labels_of(const HeadsOptions& options, const LayerJob& job) {
    if (job.self() && !options.context_labels.empty())
        throw UserError("--context-labels: there is no --context");
    Labels labels;
    labels.queries = read_labels(options.labels, "--labels", job.tokens());
    labels.keys = job.self() ? labels.queries
                             : read_labels(options.context_labels, "--context-labels", job.keys());
    return labels;
}

std::string layer_name(const LayerJob& job, const HeadsOptions& options) {
    const std::string& prefix = job.weights().parts.prefix;
    return prefix.empty() ? std::filesystem::path(options.job.weights).filename().string()
                          : std::string(without_dot(prefix));
}

std::string size_line(const HeadMaps& maps, const HeadsOptions& options, const Port& port) {
    return std::filesystem::path(options.job.weights).filename().string() + " · " +
           counted(maps.heads, "head") + " · " + counted(maps.queries, "query", "queries") + " × " +
           counted(maps.keys, "key") + " · " + port.name;
}

std::vector<std::string> settings_of(const HeadsOptions& options, const LayerJob& job) {
    std::vector<std::string> lines = settings_text(options.job.run, job.settings(), job.weights());
    if (job.batches() > 1)
        lines.insert(lines.begin(), "sequence " + std::to_string(options.sequence) + " of " +
                                        std::to_string(job.batches()) +
                                        " (--sequence shows another)");
    return lines;
}

void refuse_unknown_sequence(const HeadsOptions& options, const LayerJob& job) {
    const Index count = job.batches();
    if (options.sequence < count) return;
    throw UserError("--sequence " + std::to_string(options.sequence) + ": " + options.job.x +
                    (count == 1 ? " has one sequence, 0"
                                : " has " + std::to_string(count) + " sequences, 0 to " +
                                      std::to_string(count - 1)));
}

void tell_what_was_run(const HeadsOptions& options, const LayerJob& job, const LayerRunner& runner,
                       const Port& port, HeadMaps& maps) {
    const LayerJobOptions& files = options.job;
    const LayerParts& parts = job.weights().parts;
    Shape shape = runner.shape();
    shape.max_queries = 1;
    shape.max_keys = 0;
    const auto tell = [&maps](const char* name, const std::string& value) {
        if (!value.empty()) maps.about.emplace_back(name, value);
    };
    tell("weights", files.weights);
    if (!parts.prefix.empty()) tell("prefix", layer_name(job, options));
    tell("read as", parts.convention->name);
    tell("shape", shape_code(shape));
    tell("x", files.x);
    tell("context", files.context);
    tell("context values", files.context_values);
    tell("mask", files.mask);
    tell("valid keys", files.valid_keys);
    tell("port", port.name);
}

// With a new line instead of a space where a line would become longer.
std::string wrapped(std::string text, std::size_t width) {
    for (std::size_t start = 0; text.size() - start > width;) {
        const std::size_t space = text.rfind(' ', start + width);
        text[space] = '\n';
        start = space + 1;
    }
    return text + "\n";
}

void run(const HeadsOptions& options) {
    if (options.ascii && !options.html.empty() && !options.text)
        throw UserError("--ascii: has no effect on a page; --text prints the maps beside it");
    const Port& port = choose_port(options.port).port;
    const Safetensors file(options.job.weights);
    std::vector<NamedFile> inputs = input_files(options.job);
    inputs.insert(inputs.end(),
                  {{"--labels", options.labels}, {"--context-labels", options.context_labels}});
    refuse_to_overwrite({"--html", options.html}, inputs);
    LayerJob job(file, options.job);
    Labels labels = labels_of(options, job);  // refused, if they are, before the work
    print(job.remarks());
    refuse_unknown_sequence(options, job);
    LayerRunner runner(file, job.weights(), job.settings(), port, job.tokens(), job.keys());
    const InterruptWatch watch;  // as long as there is a temporary file
    std::optional<AtomicFile> out;
    if (!options.html.empty()) out.emplace(options.html);  // refused, if it is, before the work
    HeadMaps maps = observe_heads(job, runner, options.sequence, watch);
    maps.query_labels = std::move(labels.queries);
    maps.key_labels = std::move(labels.keys);
    maps.settings = settings_of(options, job);
    const std::vector<HeadSummary> heads = summarise(maps);
    watch.throw_if_interrupted();
    if (out) {
        tell_what_was_run(options, job, runner, port, maps);
        const std::string page =
            heads_page(maps, heads, layer_name(job, options), size_line(maps, options, port));
        out->write(std::as_bytes(std::span(page)));
        put_in_place(*out, watch);
    }
    if (out) std::printf("%s: ", options.html.c_str());
    std::printf("%s\n  %s\n", verdict(heads).c_str(),
                reading_text(job.weights(), runner.shape()).c_str());
    for (const std::string& line : maps.settings) std::printf("  %s\n", line.c_str());
    if (options.html.empty() || options.text)
        std::printf("\n%s", heads_text(maps, heads, options.ascii || prefers_ascii()).c_str());
}

}  // namespace

void add_heads_command(CLI::App& app) {
    CLI::App* const command =
        app.add_subcommand("heads", "Show where the heads of a layer look, and which are idle.");
    const auto options = std::make_shared<HeadsOptions>();
    add_job_options(*command, options->job, /*with_chunk=*/false);
    command->get_option("--x")->required();
    command
        ->add_option("--sequence", options->sequence,
                     "Which sequence of a batch to show; default: 0.")
        ->check(CLI::Range(Index{0}, Index{1} << 40));
    command
        ->add_option("--labels", options->labels,
                     "A text file with a line for each token of --x, to be shown beside its row, "
                     "in the page also above its column; not where maps are reduced.")
        ->type_name("FILE");
    command
        ->add_option("--context-labels", options->context_labels,
                     "The same for each token of --context.")
        ->type_name("FILE");
    command->add_option("--port", options->port, "The port to run on; default: the best one.");
    command
        ->add_option("--html", options->html,
                     "Write a page to this file, for any browser; it needs no network.")
        ->type_name("FILE");
    command->add_flag("--text", options->text, "Print the maps, also with --html.");
    command->add_flag("--ascii", options->ascii, "Draw the maps without block characters.");
    command->footer(
        wrapped(idle_definition(), 88) +
        "\n"
        "Examples:\n"
        "  headroom heads --weights model.safetensors --prefix encoder.attn --heads 8 \\\n"
        "                 --x x.npy\n"
        "  headroom heads --weights bert.safetensors \\\n"
        "                 --prefix bert.encoder.layer.0.attention --heads 12 \\\n"
        "                 --x x.npy --labels tokens.txt --html heads.html\n"
        "\n"
        "`headroom layer --help` tells which names of tensors are known.");
    command->callback([options] { run(*options); });
}

}  // namespace headroom::tools
