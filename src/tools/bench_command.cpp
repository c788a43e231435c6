// headroom bench: how fast this machine is, how near to what it could be, and how fast others are.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "tools/atomic_file.hpp"
#include "tools/bench/choice.hpp"
#include "tools/bench/page.hpp"
#include "tools/bench/run.hpp"
#include "tools/bench/table.hpp"
#include "tools/commands.hpp"
#include "tools/interrupt.hpp"
#include "tools/output_check.hpp"
#include "tools/progress.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

// An output file, opened before the work.
class Output {
public:
    explicit Output(const std::string& path) {
        if (!path.empty()) file_.emplace(path);
    }
    void write(const std::string& text, const InterruptWatch& watch) {
        file_->write(std::as_bytes(std::span(text)));
        put_in_place(*file_, watch);
    }
    explicit operator bool() const { return file_.has_value(); }

private:
    std::optional<AtomicFile> file_;
};

void require_sense(const BenchOptions& options) {
    if (same_file({"--json", options.json}, {"--html", options.html}))
        throw UserError("--html " + options.html + ": is the --json file, too");
    if (!std::isfinite(options.seconds)) throw UserError("--seconds: must be finite");
}

bool has_peers(const BenchReport& report, const std::string& port) {
    const auto peers = report.peers.find(port);
    return peers != report.peers.end() &&
           std::any_of(peers->second.begin(), peers->second.end(),
                       [](const auto& peer) { return !peer.second.starts_with("skipped: "); });
}

void print_head(const BenchReport& report, const std::string& port, const BenchTask& task) {
    const bool first = port == task.ports.front();
    std::printf("%s%s, %s\n", first ? "" : "\n", report.cpu().c_str(), port.c_str());
    if (const auto peers = report.peers.find(port); peers != report.peers.end()) {
        for (const auto& [name, words] : peers->second)
            std::printf("  %-12s %s\n", name.c_str(), words.c_str());
    }
    if (!task.shapes.empty()) {
        const int width = name_width(task.shapes, &BenchShape::name);
        std::printf("\n%s\n",
                    table_head(width, report.has_energy, has_peers(report, port)).c_str());
    }
    std::fflush(stdout);
}

// The progress line gives way to what is printed, and comes back.
BenchReport measure(const BenchTask& task) {
    Progress line("bench", 1.0);
    bool with_energy = false;
    BenchObserver observer;
    observer.begin_port = [&](const BenchReport& report, const std::string& port) {
        line.hide();
        with_energy = report.has_energy;
        print_head(report, port, task);
    };
    observer.progress = [&](double share) { line.reach(share); };
    observer.result = [&](const BenchResult& result) {
        line.hide();
        std::printf(
            "%s\n",
            table_line(result, name_width(task.shapes, &BenchShape::name), with_energy).c_str());
        std::fflush(stdout);
    };
    observer.features = [&](const std::vector<FeatureTimes>& features) {
        line.hide();
        std::printf("\n%s", features_text(features).c_str());
        std::fflush(stdout);
    };
    observer.growth = [&](const Growth& growth) {
        line.hide();
        std::printf("\n%s", growth_text(growth).c_str());
        std::fflush(stdout);
    };
    observer.note = [&](const std::string& text) {
        line.hide();
        std::fprintf(stderr, "headroom: note: %s\n", text.c_str());
    };
    return run_bench(bench_program(), task, observer);
}

void require_nothing_else(const CLI::App& command) {
    for (const CLI::Option* const option : command.get_options()) {
        const std::string name = option->get_name();
        if (option->count() > 0 && name != "--compare" && name != "--html")
            throw UserError("bench: " + name +
                            ": has no effect on --compare, which measures nothing");
    }
}

void compare(const BenchOptions& options) {
    if (options.compare.size() < 2)
        throw UserError("bench: --compare takes two or more JSON files of headroom bench");
    if (options.html.empty()) throw UserError("bench: --compare needs --html, a page to write");
    std::vector<NamedFile> inputs;
    for (const std::string& file : options.compare) inputs.push_back({"--compare", file});
    refuse_to_overwrite({"--html", options.html}, inputs);
    std::vector<BenchReport> reports;
    for (const std::string& file : options.compare) {
        reports.push_back(read_bench_report(file));
        if (reports.back().results.empty())
            throw UserError("--compare " + file + ": has no shapes to compare");
    }
    const InterruptWatch watch;
    Output page(options.html);
    page.write(comparison_page(reports), watch);
    std::printf("%s: %zu runs side by side\n", options.html.c_str(), reports.size());
}

void run(const BenchOptions& options) {
    if (!options.compare.empty()) return compare(options);
    require_sense(options);
    const std::vector<BenchShape> shapes = chosen_shapes(options);
    const BenchTask task{chosen_ports(options.ports),
                         shapes,
                         chosen_peers(options.peers),
                         shapes_for_features(options, shapes),
                         options.growth,
                         options.seconds,
                         options.powercap};
    const InterruptWatch watch;
    Output json(options.json), html(options.html);
    const BenchReport report = measure(task);
    if (const std::string peers = peers_table(report.results); !peers.empty())
        std::printf("\n%s", peers.c_str());
    if (json) json.write(to_json(report), watch);
    if (html) html.write(bench_page(report), watch);
}

// Before a range, which calls what is no number too small or too large. Not in the help.
CLI::Validator a_number() { return CLI::Validator(CLI::Number).description(""); }

void add_shape_options(CLI::App& command, BenchOptions& options) {
    BenchShape& own = options.own;
    own.kv_heads = own.keys = 0;  // not given
    const CLI::Range tokens(1, 65536), heads(1, 4096), width(1, 65536);
    const auto add = [&](const char* name, int& value, const CLI::Range& range, const char* text) {
        command
            .add_option_function<int>(
                name,
                [&options, &value](const int& given) {
                    value = given;
                    options.has_own = true;
                },
                text)
            ->check(a_number())
            ->check(range)
            ->group("A shape of your own");
    };
    add("--tokens", own.tokens, tokens, "Tokens of a call; default: 1.");
    add("--keys", own.keys, CLI::Range(1, 1 << 24),
        "Keys that they attend to; more than tokens: in a cache; default: as many.");
    add("--heads", own.heads, heads, "Query heads; default: 1.");
    add("--kv-heads", own.kv_heads, heads, "Key and value heads; default: as many.");
    add("--width", options.width, width, "Width of a query, a key and a value; default: 64.");
    add("--model-dim", own.model_dim, width, "A whole layer of a model so wide.");
    command
        .add_flag_function(
            "--causal",
            [&options](std::int64_t) {
                options.own.causal = true;
                options.has_own = true;
            },
            "Each token sees what is not after it.")
        ->disable_flag_override()
        ->group("A shape of your own");
}

std::string footer() {
    std::string names;
    for (const BenchShape& shape : named_bench_shapes()) {
        names += "  " + shape.name + std::string(20 - shape.name.size(), ' ') +
                 describing_name(shape) + "\n";
    }
    return "Shapes (m: model, h: heads, those of queries on those of keys, t: tokens, k: keys if\n"
           "they are more, w: width of a head):\n" +
           names +
           "\nPeers, each where it is installed:\n"
           "  openblas eigen eigen_fixed onednn libxsmm pytorch onnxruntime\n"
           "\n"
           "Examples:\n"
           "  headroom bench --json here.json --html here.html\n"
           "  headroom bench --shape attend_98,layer_98 --port all --peers openblas,libxsmm\n"
           "  headroom bench --tokens 64 --heads 4 --width 32 --peers none\n"
           "  headroom bench --shape none --features --growth\n"
           "  headroom bench --compare here.json there.json --html both.html\n"
           "\n"
           "It needs the benchmark program: cmake --workflow --preset bench makes both. The\n"
           "environment variable HEADROOM_BENCH names another one than the one beside the tool.";
}

}  // namespace

void add_bench_command(CLI::App& app) {
    CLI::App* const command = app.add_subcommand(
        "bench", "Measure this machine: how near the roof, and beside other libraries.");
    const auto options = std::make_shared<BenchOptions>();
    command
        ->add_option("--port", options->ports,
                     "Ports, with commas between, or all that have vectors; default: the best "
                     "one.")
        ->delimiter(',');
    command
        ->add_option("--shape", options->shapes, "Shapes by name, or none; default: all of them.")
        ->delimiter(',');
    command
        ->add_option("--peers", options->peers,
                     "all, none, or names with commas between; default: all.")
        ->delimiter(',');
    command
        ->add_option("--seconds", options->seconds,
                     "Measuring time for each shape and port; default: 1.")
        ->check(a_number())
        ->check(CLI::Range(1e-4, 3600.0));
    command->add_flag("--features", options->features,
                      "Also what masks, biases, windows and a cache cost, for each shape but "
                      "layers.");
    command->add_flag("--growth", options->growth,
                      "Also how time grows with tokens, keys, heads and width.");
    command->add_option("--json", options->json, "Write the results to this file.")
        ->type_name("FILE");
    command->add_option("--html", options->html, "Write a page to this file; it needs no network.")
        ->type_name("FILE");
    command
        ->add_option("--powercap", options->powercap,
                     "Folder of the energy counters; default: /sys/class/powercap.")
        ->check(CLI::ExistingDirectory)
        ->type_name("FOLDER");
    add_shape_options(*command, *options);
    command
        ->add_option("--compare", options->compare,
                     "Measure nothing; make a page, --html, of these JSON files. The first one is "
                     "what the others are compared with.")
        ->type_name("FILE");
    command->footer(footer());
    command->callback([command, options] {
        if (!options->compare.empty()) require_nothing_else(*command);
        run(*options);
    });
}

}  // namespace headroom::tools
