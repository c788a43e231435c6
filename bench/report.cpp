#include "bench/report.hpp"

#include "bench/clock.hpp"
#include "bench/features.hpp"
#include "bench/growth.hpp"
#include "bench/machine_loops.hpp"
#include "bench/peer_modules.hpp"
#include "bench/reference.hpp"
#include "bench/rounds.hpp"
#include "bench/system.hpp"
#include "tools/user_error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

namespace bench {
namespace {

using Json = nlohmann::ordered_json;
using headroom::tools::UserError;

void emit(const Json& event) {
    std::printf("%s\n", event.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
    std::fflush(stdout);
}

void emit_progress(double share) { emit({{"event", "progress"}, {"share", share}}); }

// What comes after the shapes. Returns how to tell of its progress.
std::function<void(double)> begin_section(const char* name) {
    emit({{"event", "begin"}, {"shape", name}});
    return emit_progress;
}
void emit_section(const char* name, const Json& found) {
    Json event{{"event", name}};
    event.update(found);
    emit(event);
}

void note(const std::string& text) { emit({{"event", "note"}, {"text", text}}); }

// Bytes per second of reading so much memory again and again.
double read_bandwidth(const std::string& port, std::size_t bytes, double seconds) {
    bytes = bytes / 512 * 512;
    Buffer memory = bytes_of(bytes);
    if (!read_all(port.c_str(), memory.data(), bytes)) return 0.0;
    const int chunk = static_cast<int>(std::max<std::size_t>(1, 4'000'000 / bytes));
    std::vector<double> speeds;
    for (const double stop = thread_seconds() + seconds;
         speeds.size() < 5 || thread_seconds() < stop;) {
        const double time = seconds_of_work([&] {
            for (int i = 0; i < chunk; ++i) read_all(port.c_str(), memory.data(), bytes);
        });
        speeds.push_back(static_cast<double>(bytes) * chunk / time);
    }
    return median(speeds);
}

void report_machine(const ReportOptions& options, const std::vector<CacheLevel>& levels) {
    Json caches = Json::object(), bandwidth = Json::object();
    const double seconds = std::min(0.02, options.seconds);
    const int core = pin_to_one_core();
    std::size_t nearer = 0;
    for (const CacheLevel& level : levels) {
        // Half of the level, but of a large one only what no nearer level holds: its far end may
        // belong to others, who use it at the same time.
        const std::size_t half = level.bytes / 2;
        const std::size_t bytes = nearer > 0 ? std::min(half, 4 * nearer) : half;
        caches[level.name] = level.bytes;
        bandwidth[level.name] = read_bandwidth(options.port, bytes, seconds);
        nearer = level.bytes;
    }
    emit({{"event", "machine"},
          {"compiler", compiler()},
          {"core", core < 0 ? Json() : Json(core)},
          {"energy", EnergyMeter(options.powercap).start()},
          {"caches", caches}});
    // Well beyond the last cache, and no more than a small machine has.
    const std::size_t last = levels.empty() ? 0 : levels.back().bytes;
    const std::size_t memory =
        std::clamp<std::size_t>(last * 5 / 2, std::size_t{1} << 26, std::size_t{1} << 28);
    bandwidth["memory"] = read_bandwidth(options.port, memory, seconds);
    emit({{"event", "bandwidth"}, {"levels", bandwidth}});
}

// The nearest level that holds so much data and leaves a little room.
std::string level_of(std::size_t bytes, const std::vector<CacheLevel>& levels) {
    for (const CacheLevel& level : levels) {
        if (bytes <= level.bytes / 8 * 7) return level.name;
    }
    return "memory";
}

// A peer's task made ready, and what it writes to.
struct Contestant {
    std::string name;
    Buffer out;
    std::unique_ptr<Job> job;
};

std::unique_ptr<Job> make_job(const Peer& peer, const std::variant<AttendTask, LayerTask>& task) {
    if (const auto* layer = std::get_if<LayerTask>(&task))
        return std::unique_ptr<Job>(peer.layer == nullptr ? nullptr : peer.layer(*layer));
    const AttendTask& attend = std::get<AttendTask>(task);
    return std::unique_ptr<Job>(peer.attend == nullptr ? nullptr : peer.attend(attend));
}

std::string apart_text(double apart) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2g", apart);
    return text;
}

// The peers whose output is right. They run twice: what a first call leaves behind must not help.
std::vector<Contestant> ready_peers(const Case& subject, const std::vector<PeerModule>& modules,
                                    const std::vector<double>& expected) {
    std::vector<Contestant> ready;
    for (const PeerModule& module : modules) {
        if (module.peer == nullptr) continue;
        Contestant one{module.name, Buffer(expected.size()), nullptr};
        try {
            one.job = make_job(*module.peer, subject.task(one.out.data()));
            if (one.job == nullptr)
                note(subject.name() + ": " + module.name + " is left out: not what it does");
        } catch (const std::runtime_error& error) {
            note(subject.name() + ": " + module.name + " is left out: " + error.what());
        }
        if (one.job == nullptr) continue;
        one.job->run();
        one.job->deliver();
        std::fill(one.out.floats().begin(), one.out.floats().end(), 0.0f);
        one.job->run();
        one.job->deliver();
        const double apart = largest_difference(one.out.floats(), expected);
        if (apart < agreement) {
            ready.push_back(std::move(one));
        } else {
            note(subject.name() + ": " + module.name + " is off by " + apart_text(apart) +
                 " of the largest output and is left out");
        }
    }
    return ready;
}

Json energy_of_a_call(Job& ours, EnergyMeter& meter, double seconds) {
    if (!meter.start()) return {};
    const double start = thread_seconds();
    double calls = 0.0;
    do {
        ours.run();
        calls += 1.0;
    } while (thread_seconds() - start < std::clamp(seconds, 0.02, 0.3));
    const std::optional<double> used = meter.microjoules();
    return used ? Json(*used / calls) : Json();
}

Json result_of(const Case& subject, const Rounds& rounds, const std::vector<std::string>& threaded,
               const std::vector<CacheLevel>& levels) {
    std::size_t bytes = 0;
    for (const auto part : subject.data()) bytes += part.size_bytes();
    Json peers = Json::object();
    for (const auto& [name, seconds] : rounds.peers) {
        if (std::find(threaded.begin(), threaded.end(), name) == threaded.end())
            peers[name] = 1e6 * seconds;
        else
            note(subject.name() + ": " + name + " uses more than one thread and is left out");
    }
    return {{"event", "result"},
            {"shape", subject.name()},
            {"median_us", 1e6 * rounds.ours},
            {"spread", rounds.spread},
            {"rounds", rounds.count},
            {"flops", subject.flops()},
            {"bytes", headroom::tools::bytes_moved(subject.shape())},
            {"peak", rounds.peak},
            {"bandwidth", rounds.bandwidth},
            {"level", level_of(bytes, levels)},
            {"arena_bytes", subject.arena_bytes()},
            {"peers", peers}};
}

void measure(const Shape& shape, const headroom::Port& port, const ReportOptions& options,
             const std::vector<PeerModule>& modules, const std::vector<CacheLevel>& levels) {
    emit({{"event", "begin"}, {"shape", shape.name}});
    const std::unique_ptr<Case> subject = make_case(shape);
    OurJob ours(*subject, port);
    ours.run();
    const std::vector<double> expected = reference(subject->task(nullptr));
    const double apart = largest_difference(subject->our_output(), expected);
    if (!(apart < agreement)) {
        throw UserError(shape.name + " on " + port.name + ": the output is off by " +
                        apart_text(apart) + " of the largest");
    }
    const std::vector<Contestant> peers = ready_peers(*subject, modules, expected);
    std::vector<Side> sides{{"ours", &ours}};
    for (const Contestant& peer : peers) sides.push_back({peer.name, peer.job.get()});
    Contest contest(port, sides, subject->data());
    const Rounds rounds = run_rounds(contest, shape.name, options.seconds, emit_progress);
    Json result = result_of(*subject, rounds, contest.threaded(), levels);
    EnergyMeter meter(options.powercap);
    result["energy_uj"] = energy_of_a_call(ours, meter, options.seconds);
    emit(result);
}

void run(const ReportOptions& options) {
    const headroom::Port* const port = headroom::find_port(options.port.c_str());
    if (port == nullptr || !port->supported())
        throw UserError(options.port + ": this build or this processor has no such port");
    for (const std::string& name : options.peers) {
        const auto& known = known_peers();
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        std::string all;
        for (const std::string& each : known) all += (all.empty() ? "" : ", ") + each;
        throw UserError("--peers " + name + ": no such peer; there are " + all);
    }
    const std::vector<CacheLevel> levels = cache_levels();
    report_machine(options, levels);
    std::vector<PeerModule> modules;
    if (!options.shapes.empty()) modules = load_peers(options.peers, options.port, own_folder());
    for (const PeerModule& module : modules) {
        emit({{"event", "peer"},
              {"name", module.name},
              {"ready", module.peer != nullptr},
              {"words", module.words}});
    }
    for (const Shape& shape : options.shapes) {
        try {
            measure(shape, *port, options, modules, levels);
        } catch (const std::bad_alloc&) {
            throw UserError(shape.name + ": there is not enough memory");
        }
    }
    if (!options.features.empty()) {
        emit_section("features", measure_features(*port, options.features, options.seconds,
                                                  begin_section("features")));
    }
    if (options.growth)
        emit_section("growth", measure_growth(*port, options.seconds, begin_section("growth")));
}

}  // namespace

int report(const ReportOptions& options) {
    try {
        run(options);
        return 0;
    } catch (const UserError& error) {
        emit({{"event", "error"}, {"text", error.what()}});
    } catch (const std::bad_alloc&) {
        emit({{"event", "error"}, {"text", "there is not enough memory"}});
    }
    return 2;
}

}  // namespace bench
