#include "tools/bench/run.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include <headroom/version.hpp>
#include <nlohmann/json.hpp>

#include "tools/bench/table.hpp"
#include "tools/child_program.hpp"
#include "tools/cpu_name.hpp"
#include "tools/interrupt.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

using Json = nlohmann::ordered_json;

std::string today() {
    const std::time_t now = std::time(nullptr);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%d", std::gmtime(&now));
    return text;
}

std::string version() {
    return std::to_string(version_major) + "." + std::to_string(version_minor) + "." +
           std::to_string(version_patch);
}

// "48.0 KB L1, 2.00 MB L2"
std::string caches_text(const Json& caches) {
    std::string text;
    for (const auto& [name, bytes] : caches.items()) {
        text += (text.empty() ? "" : ", ") + bytes_text(bytes.get<double>()) + " " + name;
    }
    return text;
}

// Nothing is known of what could not be measured: 0.
std::optional<double> share(double part, double whole) {
    return whole > 0.0 ? std::optional(part / whole) : std::nullopt;
}

// Makes a report of one port's lines.
class Listener {
public:
    Listener(BenchReport& report, std::string port, const BenchObserver& observer, double done,
             double step)
        : report_(report), port_(std::move(port)), observer_(observer), done_(done), step_(step) {}

    void take(const std::string& line) {
        watch_.throw_if_interrupted();
        const Json event = Json::parse(line, nullptr, /*allow_exceptions=*/false);
        if (!event.is_object() || !event.contains("event")) return;  // a library that talks
        try {
            take_event(event["event"].get<std::string>(), event);
        } catch (const Json::exception&) {
            throw UserError("bench: the benchmark program says what this tool does not know: " +
                            line);
        }
    }

    const std::string& shape() const { return shape_; }
    void throw_if_interrupted() const { watch_.throw_if_interrupted(); }

private:
    void take_event(const std::string& kind, const Json& event) {
        if (kind == "machine") {
            machine(event);
        } else if (kind == "bandwidth") {
            for (const auto& [level, speed] : event["levels"].items())
                report_.bandwidth[port_].emplace_back(level, 1e-9 * speed.get<double>());
        } else if (kind == "peer") {
            report_.peers[port_].emplace_back(event["name"].get<std::string>(),
                                              (event["ready"].get<bool>() ? "" : "skipped: ") +
                                                  event["words"].get<std::string>());
        } else if (kind == "begin") {
            begin(event["shape"].get<std::string>());
        } else if (kind == "progress") {
            observer_.progress(done_ + step_ * event["share"].get<double>());
        } else if (kind == "note") {
            observer_.note(event["text"].get<std::string>());
        } else if (kind == "result") {
            result(event);
        } else if (kind == "features") {
            features(event);
        } else if (kind == "growth") {
            growth(event);
        } else if (kind == "error") {
            throw UserError("bench: " + event["text"].get<std::string>());
        }
    }

    void machine(const Json& event) {
        report_.machine["compiler"] = event["compiler"].get<std::string>();
        report_.machine["caches"] = caches_text(event["caches"]);
        report_.has_energy = event["energy"].get<bool>();
        if (!event["core"].is_null()) report_.machine["core"] = event["core"].dump();
    }

    void begin(const std::string& shape) {
        if (shape_.empty()) observer_.begin_port(report_, port_);
        shape_ = shape;
        observer_.progress(done_);
    }

    void result(const Json& event) {
        const auto value = [&](const char* name) { return event[name].get<double>(); };
        const double seconds = 1e-6 * value("median_us");
        BenchResult r;
        r.shape = event["shape"].get<std::string>();
        r.port = port_;
        r.median_us = value("median_us");
        r.gflops = 1e-9 * value("flops") / seconds;
        r.peak_share = share(value("flops") / seconds, value("peak"));
        r.bandwidth_share = share(value("bytes") / seconds, value("bandwidth"));
        r.arena_bytes = value("arena_bytes");
        for (const auto& [name, time] : event["peers"].items())
            r.peers.emplace_back(name, time.get<double>());
        r.spread = value("spread");
        r.level = event["level"].get<std::string>();
        r.intensity = value("flops") / value("bytes");
        if (!event["energy_uj"].is_null()) r.energy_uj = value("energy_uj");
        if (value("peak") > 0.0)
            report_.peak[port_] = std::max(report_.peak[port_], 1e-9 * value("peak"));
        report_.results.push_back(r);
        observer_.result(r);
        advance();
    }

    void features(const Json& event) {
        std::vector<FeatureTimes> features;
        for (const Json& shape : event["shapes"]) {
            FeatureTimes& times = features.emplace_back();
            times.shape = shape["shape"].get<std::string>();
            for (const Json& call : shape["calls"]) {
                FeatureTime time{call["name"].get<std::string>(), call["words"].get<std::string>(),
                                 call["us"].get<double>(), std::nullopt};
                if (!call["flops"].is_null()) {
                    time.peak_share = share(call["flops"].get<double>() / (1e-6 * time.us),
                                            shape["peak"].get<double>());
                }
                times.calls.push_back(time);
            }
        }
        observer_.features(features);
        report_.features[port_] = std::move(features);
        advance();
    }

    void growth(const Json& event) {
        Growth& growth = report_.growth[port_];
        for (const auto& [name, points] : event["curves"].items())
            growth.curves.push_back({name, points.get<std::vector<std::pair<double, double>>>()});
        for (const Json& check : event["checks"]) {
            growth.checks.push_back(
                {check["name"].get<std::string>(), check["words"].get<std::string>(),
                 check["ratio"].get<double>(), check["expected"].get<double>()});
        }
        observer_.growth(growth);
        advance();
    }

    void advance() {
        done_ += step_;
        observer_.progress(done_);
    }

    BenchReport& report_;
    std::string port_, shape_;
    const BenchObserver& observer_;
    double done_, step_;
    InterruptWatch watch_;
};

std::vector<std::string> command_for(const std::string& program, const std::string& port,
                                     const BenchTask& task) {
    std::vector<std::string> command{program, "--report", "--port=" + port,
                                     "--seconds=" + std::to_string(task.seconds)};
    if (task.peers != "none") command.push_back("--peers=" + task.peers);
    for (const BenchShape& shape : task.features)
        command.push_back("--features=" + shape_word(shape));
    if (task.growth) command.push_back("--growth");
    if (!task.powercap.empty()) command.push_back("--powercap=" + task.powercap);
    for (const BenchShape& shape : task.shapes) command.push_back("--shape=" + shape_word(shape));
    return command;
}

bool is_answer(const std::vector<FeatureTimes>& features, const std::vector<BenchShape>& asked) {
    return std::equal(features.begin(), features.end(), asked.begin(), asked.end(),
                      [](const FeatureTimes& times, const BenchShape& shape) {
                          return times.shape == shape.name && !times.calls.empty();
                      });
}

// Whether all that was asked for was told of each port.
bool is_whole(const BenchReport& report, const BenchTask& task) {
    const std::size_t ports = task.ports.size();
    return report.results.size() == ports * task.shapes.size() &&
           report.growth.size() == (task.growth ? ports : 0) &&
           report.features.size() == (task.features.empty() ? 0 : ports) &&
           std::all_of(report.features.begin(), report.features.end(),
                       [&](const auto& of) { return is_answer(of.second, task.features); });
}

}  // namespace

std::string bench_program() {
    if (const char* const named = std::getenv("HEADROOM_BENCH"); named != nullptr && *named != '\0')
        return named;
    std::error_code error;
    const std::filesystem::path own = std::filesystem::read_symlink("/proc/self/exe", error);
    for (const char* const folder : {".", "../libexec/headroom"}) {
        const std::filesystem::path program = own.parent_path() / folder / "headroom_bench";
        if (!error && std::filesystem::exists(program)) return program.string();
    }
    throw UserError(
        "bench: this build has no benchmark program. `cmake --workflow --preset bench` makes a "
        "tool "
        "with one, build/bench/src/tools/headroom (or -DHEADROOM_BUILD_BENCH=ON does; it needs "
        "Google Benchmark)");
}

BenchReport run_bench(const std::string& program, const BenchTask& task,
                      const BenchObserver& observer) {
    BenchReport report;
    report.machine = {{"cpu", cpu_name()},
                      {"headroom", version()},
                      {"numerics_version", std::to_string(numerics_version)},
                      {"date", today()}};
    const std::size_t sections = !task.features.empty() + task.growth;
    const double ports = static_cast<double>(task.ports.size()),
                 step = 1.0 / ports / static_cast<double>(task.shapes.size() + sections);
    for (std::size_t i = 0; i < task.ports.size(); ++i) {
        const std::string& port = task.ports[i];
        Listener listener(report, port, observer, static_cast<double>(i) / ports, step);
        const int code = run_program(command_for(program, port, task),
                                     [&](const std::string& line) { listener.take(line); });
        listener.throw_if_interrupted();  // the program had the same signal from the terminal
        if (code == 0) continue;
        const std::string at = listener.shape().empty() ? "" : " at " + listener.shape();
        throw UserError(
            "bench: " + program + " ended with " +
            (code > 128 ? "signal " + std::to_string(code - 128) : "code " + std::to_string(code)) +
            at + " on " + port + " (--peers and --shape narrow down what does it)");
    }
    if (!is_whole(report, task))
        throw UserError("bench: " + program + ": is not the benchmark program of this tool");
    return report;
}

}  // namespace headroom::tools
