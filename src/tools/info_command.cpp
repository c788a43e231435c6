// headroom info: what this build is, and what it would run on here.
#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <headroom/port.hpp>
#include <headroom/self_test.hpp>
#include <headroom/version.hpp>
#include <nlohmann/json.hpp>

#include "tools/commands.hpp"
#include "tools/cpu_name.hpp"
#include "tools/port_choice.hpp"

namespace headroom::tools {
namespace {

std::string version() {
    return std::to_string(version_major) + "." + std::to_string(version_minor) + "." +
           std::to_string(version_patch);
}

// Attention, layers and every feature, on the port that would run.
using Everything = Configuration<AttendTensors, AttendCache, Projections, Softcap, Alibi, ScoreBias,
                                 BoolMask, SinkLogits, ExtraKey, ZeroKey, HeadMask, WeightsCallback,
                                 Statistics, RotaryTables, RotaryComputed>;

std::string self_test_verdict(const Port& port) {
    alignas(64) static std::byte scratch[self_test_bytes<Everything>];
    const Result result = self_test<Everything>(scratch, port);
    if (result.ok()) return "passed";
    return std::string("failed: ") + describe(result.status) + ": " +
           describe(static_cast<SelfTestPart>(result.argument));
}

std::string reason(const PortChoice& choice) {
    return choice.overridden
               ? std::string("named by the environment variable ") + port_variable
               : std::string("the first of the ports below that this processor supports");
}

void print_text(const PortChoice& choice) {
    std::printf("headroom  %s\n", version().c_str());
    std::printf("numerics  version %d: equal numbers promise equal output bits\n",
                numerics_version);
    std::printf("weights   format %d\n", weights_format);
    std::printf("cpu       %s\n", cpu_name().c_str());
    std::printf("port      %s: %s\n", choice.port.name, reason(choice).c_str());
    std::printf("self-test %s\n", self_test_verdict(choice.port).c_str());
    std::printf("\nports in this build, the preferred one first:\n");
    for (const Port* port : ports()) {
        std::printf("  %c %-12s  %-13s  needs %s\n", port == &choice.port ? '*' : ' ', port->name,
                    port->supported() ? "supported" : "not supported", port->needs);
    }
}

void print_json(const PortChoice& choice) {
    nlohmann::ordered_json info;
    info["version"] = version();
    info["numerics_version"] = numerics_version;
    info["weights_format"] = weights_format;
    info["cpu"] = cpu_name();
    info["port"] = choice.port.name;
    info["port_reason"] = choice.overridden ? "environment" : "best";
    info["self_test"] = self_test_verdict(choice.port);
    info["ports"] = nlohmann::ordered_json::array();
    for (const Port* port : ports()) {
        info["ports"].push_back(
            {{"name", port->name}, {"needs", port->needs}, {"supported", port->supported()}});
    }
    // A processor's name is whatever bytes the system gives.
    const auto replace = nlohmann::ordered_json::error_handler_t::replace;
    std::printf("%s\n", info.dump(2, ' ', false, replace).c_str());
}

}  // namespace

void add_info_command(CLI::App& app) {
    CLI::App* const command = app.add_subcommand(
        "info",
        "Print the versions, the processor, the port that would run, and whether it passes the "
        "self-test.");
    const auto json = std::make_shared<bool>(false);
    command->add_flag("--json", *json, "Print one JSON object instead of text.");
    command->footer(
        "Examples:\n"
        "  headroom info\n"
        "  HEADROOM_PORT=scalar headroom info --json");
    command->callback([json] {
        const PortChoice choice = choose_port();
        *json ? print_json(choice) : print_text(choice);
    });
}

}  // namespace headroom::tools
