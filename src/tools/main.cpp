// headroom: the command line tool. Exit codes: 0 done, 1 an internal failure, 2 bad input.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <headroom/version.hpp>

#include "tools/commands.hpp"
#include "tools/interrupt.hpp"
#include "tools/user_error.hpp"

namespace {

constexpr int bad_input = 2;

void add_commands(CLI::App& app) {
    headroom::tools::add_info_command(app);
    headroom::tools::add_attend_command(app);
    headroom::tools::add_layer_command(app);
    headroom::tools::add_heads_command(app);
    headroom::tools::add_pack_command(app);
    headroom::tools::add_plan_command(app);
    headroom::tools::add_bench_command(app);
    if constexpr (HEADROOM_TOOL_HAS_DEMO) headroom::tools::add_demo_command(app);
}

std::string version() {
    return "headroom " + std::to_string(headroom::version_major) + "." +
           std::to_string(headroom::version_minor) + "." + std::to_string(headroom::version_patch);
}

// CLI11 only says that a command is missing, not that the word given is none.
void require_known_command(const CLI::App& app, int argc, char** argv) {
    if (argc < 2 || argv[1][0] == '-') return;
    std::string names;
    for (const CLI::App* const command : app.get_subcommands({})) {
        if (command->get_name() == argv[1]) return;
        names += (names.empty() ? "" : ", ") + command->get_name();
    }
    throw headroom::tools::UserError(std::string(argv[1]) + ": no such command; there are " +
                                     names);
}

// `--mask "$MASK"` where the variable is empty must not pass for no mask. An empty prefix is one.
void require_values(int argc, char** argv) {
    for (int i = 2; i < argc; ++i) {
        const std::string word = argv[i], before = argv[i - 1];
        const bool separate = word.empty() && before.starts_with("--") && before != "--prefix";
        const bool joined = word.starts_with("--") && word.ends_with('=') && word != "--prefix=";
        if (separate || joined)
            throw headroom::tools::UserError((separate ? before : word) + ": no value given");
    }
}

// What CLI11 found wrong, as one line: it would name neither the command nor every strange word.
std::string one_line(const CLI::App& app, const CLI::ParseError& error) {
    const auto commands = app.get_subcommands();  // the one that was given, if any
    const CLI::App& command = commands.empty() ? app : *commands.front();
    std::string what = error.what();
    std::replace(what.begin(), what.end(), '\n', ' ');
    const std::vector<std::string> words = app.remaining(/*recurse=*/true);
    const auto option = std::find_if(words.begin(), words.end(), [](const std::string& word) {
        return word.size() > 1 && word.starts_with('-');
    });
    if (option != words.end()) {
        what = *option + ": no such option";
    } else if (!words.empty()) {
        what = words.front() + ": not expected";
    }
    const bool of_command = &command != &app;
    return (of_command ? command.get_name() + ": " : "") + what + " (see headroom " +
           (of_command ? command.get_name() + " " : "") + "--help)";
}

// A full disk or a closed pipe may show only when what was printed is written out.
void require_written() {
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
        throw headroom::tools::UserError("the output could not be written");
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("headroom: multi-head attention in memory that the caller owns.", "headroom");
    app.set_version_flag("--version", version());
    app.require_subcommand(1);
    app.footer(
        "Examples:\n"
        "  headroom info\n"
        "  headroom attend --q Q.npy --k K.npy --v V.npy --causal --out Y.npy\n"
        "  headroom plan --model-dim 512 --heads 4,8,16 --max-keys 2048\n"
        "  headroom pack --weights model.safetensors --prefix encoder.attn --heads 8 --out "
        "attn.hrw\n"
        "  headroom layer --weights model.safetensors --prefix encoder.attn --heads 8 --x x.npy "
        "\\\n"
        "                 --out y.npy\n"
        "  headroom heads --weights model.safetensors --prefix encoder.attn --heads 8 --x x.npy "
        "\\\n"
        "                 --html heads.html\n"
        "\n"
        "`headroom COMMAND --help` tells more. The environment variable HEADROOM_PORT names the "
        "port\n"
        "to run on instead of the best one.");
    add_commands(app);

    try {
        require_known_command(app, argc, argv);
        require_values(argc, argv);
        app.parse(argc, argv);  // runs the command
        require_written();
        return 0;
    } catch (const CLI::ParseError& error) {
        // Help and version are "errors" with code 0; CLI11's own codes above 100 help nobody.
        if (error.get_exit_code() == 0) return app.exit(error);
        std::fprintf(stderr, "headroom: %s\n", one_line(app, error).c_str());
        return bad_input;
    } catch (const headroom::tools::UserError& error) {
        std::fprintf(stderr, "headroom: %s\n", error.what());
        return bad_input;
    } catch (const headroom::tools::Interrupted& interrupted) {
        headroom::tools::end_by(interrupted);
    } catch (const std::bad_alloc&) {
        std::fprintf(stderr, "headroom: there is not enough memory for tensors of these shapes\n");
        return bad_input;
    } catch (const std::length_error&) {
        std::fprintf(stderr, "headroom: there can be no tensors of these shapes in memory\n");
        return bad_input;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "headroom: internal failure: %s\n", error.what());
        return 1;
    }
}
