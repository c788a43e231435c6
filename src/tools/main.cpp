// headroom: the command line tool. Exit codes: 0 done, 1 an internal failure, 2 bad input.
#include <cstdio>
#include <exception>
#include <string>

#include <CLI/CLI.hpp>
#include <headroom/version.hpp>

#include "tools/commands.hpp"
#include "tools/user_error.hpp"

namespace {

constexpr int bad_input = 2;

void add_commands(CLI::App& app) {
    headroom::tools::add_info_command(app);
    headroom::tools::add_pack_command(app);
    if constexpr (HEADROOM_TOOL_HAS_DEMO) headroom::tools::add_demo_command(app);
}

std::string version() {
    return "headroom " + std::to_string(headroom::version_major) + "." +
           std::to_string(headroom::version_minor) + "." + std::to_string(headroom::version_patch);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("headroom: multi-head attention in memory that the caller owns.", "headroom");
    app.set_version_flag("--version", version());
    app.require_subcommand(1);
    app.footer(
        "Examples:\n"
        "  headroom info\n"
        "  headroom pack --weights model.safetensors --prefix encoder.attn --heads 8 --out "
        "attn.hrw\n"
        "\n"
        "`headroom COMMAND --help` tells more. The environment variable HEADROOM_PORT names the "
        "port\n"
        "to run on instead of the best one.");
    add_commands(app);

    try {
        app.parse(argc, argv);  // runs the command
        return 0;
    } catch (const CLI::ParseError& error) {
        // Help and version are "errors" with code 0; CLI11's own codes above 100 help nobody.
        return app.exit(error) == 0 ? 0 : bad_input;
    } catch (const headroom::tools::UserError& error) {
        std::fprintf(stderr, "headroom: %s\n", error.what());
        return bad_input;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "headroom: internal failure: %s\n", error.what());
        return 1;
    }
}
