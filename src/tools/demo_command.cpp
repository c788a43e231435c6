// headroom demo: a small transformer that rewrites dates, run and explained.
#include <array>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <headroom/port.hpp>

#include "demo/examples.hpp"
#include "tools/commands.hpp"
#include "tools/demo_map.hpp"
#include "tools/demo_runs.hpp"
#include "tools/port_choice.hpp"
#include "tools/shades.hpp"
#include "tools/shape_code.hpp"
#include "tools/terminal.hpp"

namespace headroom::tools {
namespace {

constexpr double expected_percent = 99.8;

struct DemoOptions {
    std::vector<std::string> words;
    bool has_text = false;
    std::string port;
    bool all_ports = false;
    bool ascii = false;
};

std::vector<const Port*> supported_ports() {
    std::vector<const Port*> found;
    for (const Port* port : ports()) {
        if (port->supported())
            found.push_back(port);
        else
            std::printf("%-12s  not supported by this processor: it needs %s\n", port->name,
                        port->needs);
    }
    return found;
}

std::string microseconds(double seconds) {
    char text[40];
    std::snprintf(text, sizeof text, seconds < 1e-4 ? "%.2f us" : "%.0f us", seconds * 1e6);
    return text;
}

void print_memory() {
    using demo::Arenas;
    struct Row {
        const char* name;
        std::size_t bytes;
        const char* what;
    };
    static constexpr std::array<Row, 6> rows{{
        {"encoder state", sizeof(Arenas::encoder_state),
         "keys and values of the text, one layer at a time"},
        {"decoder state", sizeof(Arenas::decoder_state), "KV cache of the answer"},
        {"cross state", sizeof(Arenas::cross_state),
         "keys and values of the text, for the decoder"},
        {"scratch", sizeof(Arenas::scratch), "shared by all attention layers"},
        {"activations", sizeof(Arenas::rows) + sizeof(Arenas::branch),
         "the tokens, 64 floats each, twice"},
        {"all", sizeof(Arenas), "static; nothing is allocated"},
    }};
    for (const Row& row : rows)
        std::printf("%-8s  %-14s %8s bytes   %s\n", &row == rows.data() ? "memory" : "", row.name,
                    with_commas(row.bytes).c_str(), row.what);
    std::printf("%-8s  %-14s %8s bytes   read in place\n", "weights", "",
                with_commas(demo::weights_bytes).c_str());
}

// The model writes ten characters, one by one: nothing makes them a day of the calendar.
bool is_a_day(const char* answer) {
    int year = 0;
    unsigned month = 0, day = 0;
    if (std::sscanf(answer, "%4d-%2u-%2u", &year, &month, &day) != 3) return false;
    return std::chrono::year_month_day(std::chrono::year(year), std::chrono::month(month),
                                       std::chrono::day(day))
        .ok();
}

void print_map(const std::string& text, const demo::Answer& answer, const demo::Looks& looks,
               bool ascii) {
    std::printf("%s  ->  %s%s\n\n", printable(text).c_str(), answer.text,
                is_a_day(answer.text) ? "" : "  (there is no such day)");
    std::printf(
        "Where the model looked while it chose each character (attention from the answer to\n"
        "the text, mean of its 4 heads):\n\n%s\n",
        draw_map(text, answer, looks, ascii).c_str());
    std::printf("In words:\n%s", tell_map(text, answer, looks).c_str());
}

void print_sentence(const Port& port, const std::string& text, bool ascii) {
    const SentenceRun run = run_sentence(port, text);
    print_map(text, run.answer, run.looks, ascii);
    const double sure = certainty(run.answer);
    std::printf("  its least certain character has a probability of %.1f %%%s\n\n", 100.0 * sure,
                sure < 0.9 ? ": do not trust this answer" : "");
    std::printf("port      %s\n", port.name);
    std::printf("time      %s for a token of the answer, %s for all (medians of %d runs)\n",
                microseconds(run.token_seconds).c_str(), microseconds(run.sentence_seconds).c_str(),
                run.repetitions);
    print_memory();
}

std::vector<float> all_logits(const demo::Answer& answer) {
    std::vector<float> logits;
    for (const auto& row : answer.logits)
        logits.insert(logits.end(), std::begin(row), std::end(row));
    return logits;
}

[[noreturn]] void fail_bits() { throw std::runtime_error("the ports' logits differ"); }

void compare_sentence(const std::string& text) {
    std::vector<float> first;
    bool same = true;
    for (const Port* port : supported_ports()) {
        const SentenceRun run = run_sentence(*port, text);
        const std::vector<float> logits = all_logits(run.answer);
        if (first.empty()) first = logits;
        same = same && same_bits(first, logits);
        std::printf("%-12s  %s  logits %016" PRIx64 "  %9s a token, %9s in all\n", port->name,
                    run.answer.text, demo::hash_bits(logits),
                    microseconds(run.token_seconds).c_str(),
                    microseconds(run.sentence_seconds).c_str());
    }
    if (!same) fail_bits();
    std::printf("all logits are identical, bit for bit\n");
}

void print_examples(const Port& port, bool ascii) {
    std::printf("A transformer of 100,683 parameters rewrites dates, on %s:\n\n", port.name);
    demo::DateModel& model = open_model(port);
    require_ok(demo::show_examples(model, [](const char* line) { std::puts(line); }), "examples");
    std::printf("\n");
    demo::Answer answer;
    demo::Looks looks;
    const std::string shown = demo::examples[0];
    require_ok(model.translate(shown, answer, looks), shown);
    print_map(shown, answer, looks, ascii);
    std::printf("\n");
}

HeldOutRun held_out_with_progress(const Port& port) {
    const bool terminal = is_terminal(stderr);
    const std::size_t all = demo::held_out_sentences().size();
    if (!terminal) std::printf("translating %s sentences ...\n", with_commas(all).c_str());
    std::fflush(stdout);  // what there is so far: this takes a while
    HeldOutRun run = run_held_out(port, [&](std::size_t done) {
        if (terminal) std::fprintf(stderr, "\r%s: %zu of %zu ", port.name, done, all);
    });
    if (terminal) std::fprintf(stderr, "\r%40s\r", "");
    return run;
}

void print_accuracy(const HeldOutRun& run) {
    const std::size_t all = run.sentences();
    std::printf("%s of %s held-out sentences exact: %.3f %% (at least %.1f %% is asked for)\n",
                with_commas(all - run.misses.size()).c_str(), with_commas(all).c_str(),
                run.exact_percent(), expected_percent);
    std::size_t complete = 0;
    for (const auto& [name, style] : run.styles) {
        if (style.misses == 0)
            ++complete;
        else
            std::printf("  %-34s %4d of %4d exact\n", name.c_str(), style.sentences - style.misses,
                        style.sentences);
    }
    std::printf("  %zu of %zu styles without a miss\n", complete, run.styles.size());
    for (const auto& [sentence, got] : run.misses)
        std::printf("  miss: \"%s\" is %s, got %s\n", sentence.text, sentence.answer, got.c_str());
}

void require_accuracy(const HeldOutRun& run) {
    if (run.exact_percent() >= expected_percent) return;
    throw std::runtime_error("held-out accuracy is " + std::to_string(run.exact_percent()) + " %");
}

void print_run(const Port& port, const HeldOutRun& run) {
    std::printf("%-12s  logits %016" PRIx64 "  %6.2f s, %s a sentence\n", port.name,
                demo::hash_bits(run.logits), run.seconds,
                microseconds(run.seconds / static_cast<double>(run.sentences())).c_str());
}

void show_held_out(const Port& port) {
    const HeldOutRun run = held_out_with_progress(port);
    print_accuracy(run);
    print_run(port, run);
    require_accuracy(run);
    std::puts("\nTry one of your own:  headroom demo \"the 3rd of May 1979\"");
}

void compare_held_out() {
    HeldOutRun first;
    bool same = true;
    for (const Port* port : supported_ports()) {
        HeldOutRun run = held_out_with_progress(*port);
        if (first.logits.empty()) {
            print_accuracy(run);
            first = run;
        }
        same = same && same_bits(first.logits, run.logits);
        print_run(*port, run);
        std::fflush(stdout);
    }
    if (!same) fail_bits();
    std::printf("all %s logits are identical, bit for bit\n",
                with_commas(first.logits.size()).c_str());
    require_accuracy(first);
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

void run(const DemoOptions& options) {
    const std::string text = joined(options.words);
    if (options.all_ports) {
        options.has_text ? compare_sentence(text) : compare_held_out();
        return;
    }
    const Port& port = choose_port(options.port).port;
    const bool ascii = options.ascii || prefers_ascii();
    if (options.has_text) {
        print_sentence(port, text, ascii);
    } else {
        print_examples(port, ascii);
        show_held_out(port);
    }
}

}  // namespace

void add_demo_command(CLI::App& app) {
    CLI::App* const command = app.add_subcommand(
        "demo", "Rewrite a date with a small transformer, and show where it looked.");
    const auto options = std::make_shared<DemoOptions>();
    CLI::Option* const text =
        command->add_option("text", options->words,
                            "A date as people write it, at most 48 bytes. Without\n"
                            "one: examples, and the accuracy on 4,000 sentences.");
    CLI::Option* const port =
        command->add_option("--port", options->port, "Run on this port (see `headroom info`).");
    CLI::Option* const ascii =
        command->add_flag("--ascii", options->ascii, "Draw the map without block characters.");
    command
        ->add_flag("--all-ports", options->all_ports,
                   "Run on every port, and compare all logits bit for bit.")
        ->excludes(port)
        ->excludes(ascii);  // it draws no map
    command->footer(
        "Numbers alone are read day first (3/5/1979 is the 3rd of May) unless a four-digit year\n"
        "comes first. Two-digit years: 00 to 49 are 2000 to 2049, 50 to 99 are 1950 to 1999.\n"
        "Exit code 1 if the accuracy is below 99.8 % or the ports differ, 2 if the text is empty\n"
        "or too long. A text that starts with a dash goes after --.\n"
        "\n"
        "Examples:\n"
        "  headroom demo\n"
        "  headroom demo \"the 3rd of May 1979\"\n"
        "  headroom demo --port scalar \"Sat 7 Feb 26\"\n"
        "  headroom demo --all-ports\n"
        "  HEADROOM_PORT=scalar headroom demo \"ninth mar. '87\"");
    command->callback([options, text] {
        options->has_text = text->count() > 0;
        run(*options);
    });
}

}  // namespace headroom::tools
