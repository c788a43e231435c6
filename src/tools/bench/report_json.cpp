#include <cmath>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "tools/bench/report.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

using Json = nlohmann::ordered_json;

Json number(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

template <class Value>
Json object(const std::vector<std::pair<std::string, Value>>& pairs) {
    Json json = Json::object();
    for (const auto& [name, value] : pairs) json[name] = value;
    return json;
}

Json result_json(const BenchResult& r) {
    const auto* const fastest = r.fastest_peer();
    return {{"shape", r.shape},
            {"port", r.port},
            {"median_us", r.median_us},
            {"gflops", r.gflops},
            {"peak_share", number(r.peak_share)},
            {"bandwidth_share", number(r.bandwidth_share)},
            {"arena_bytes", static_cast<std::int64_t>(r.arena_bytes)},
            {"peers", object(r.peers)},
            {"fastest_peer", fastest != nullptr ? Json(fastest->first) : Json()},
            {"ratio_to_fastest_peer", number(r.ratio())},
            {"spread", number(r.spread)},
            {"level", r.level.empty() ? Json() : Json(r.level)},
            {"intensity", number(r.intensity)},
            {"energy_uj", number(r.energy_uj)}};
}

Json features_json(const std::vector<FeatureTimes>& shapes) {
    Json list = Json::array();
    for (const FeatureTimes& shape : shapes) {
        Json calls = Json::array();
        for (const FeatureTime& call : shape.calls) {
            calls.push_back({{"name", call.name},
                             {"words", call.words},
                             {"median_us", call.us},
                             {"ratio", shape.ratio(call)},
                             {"peak_share", number(call.peak_share)},
                             {"points", number(shape.points(call))}});
        }
        list.push_back({{"shape", shape.shape}, {"calls", calls}});
    }
    return list;
}

Json growth_json(const Growth& growth) {
    Json curves = Json::object(), checks = Json::array();
    for (const GrowthCurve& curve : growth.curves) curves[curve.name] = curve.points;
    for (const GrowthCheck& check : growth.checks) {
        checks.push_back({{"name", check.name},
                          {"words", check.words},
                          {"ratio", check.ratio},
                          {"expected", check.expected}});
    }
    return {{"curves", curves}, {"checks", checks}};
}

// Reads values and says where one is wrong.
class Reader {
public:
    Reader(std::string file, const Json& json, std::string at = {})
        : file_(std::move(file)), json_(json), at_(std::move(at)) {}

    [[noreturn]] void refuse(const std::string& what) const {
        throw UserError(file_ + ": no result of headroom bench: " + at_ +
                        (at_.empty() ? "" : ": ") + what);
    }

    Reader member(const std::string& name) const {
        if (!json_.is_object()) refuse("is no object");
        const auto found = json_.find(name);
        if (found == json_.end()) refuse("has no \"" + name + "\"");
        return {file_, *found, (at_.empty() ? "" : at_ + ".") + name};
    }
    std::optional<Reader> optional_member(const std::string& name) const {
        if (!json_.is_object() || !json_.contains(name) || json_[name].is_null())
            return std::nullopt;
        return member(name);
    }

    double positive() const {
        if (!json_.is_number()) refuse("is no number");
        const double value = json_.get<double>();
        if (!std::isfinite(value) || value < 0.0) refuse("is negative or too large");
        return value;
    }
    double time() const {
        const double value = positive();
        if (value == 0.0) refuse("is 0");
        return value;
    }
    std::string text() const {
        if (!json_.is_string()) refuse("is no text");
        return json_.get<std::string>();
    }
    template <class Take>
    void each(Take take) const {
        if (!json_.is_object()) refuse("is no object");
        for (const auto& [name, value] : json_.items())
            take(name, Reader(file_, value, at_ + "." + name));
    }
    template <class Take>
    void each_of_list(Take take) const {
        if (!json_.is_array()) refuse("is no list");
        for (std::size_t i = 0; i < json_.size(); ++i)
            take(Reader(file_, json_[i], at_ + "[" + std::to_string(i) + "]"));
    }
    const Json& json() const { return json_; }

private:
    std::string file_;
    const Json& json_;
    std::string at_;
};

std::optional<double> optional_number(const Reader& from, const std::string& name) {
    const std::optional<Reader> member = from.optional_member(name);
    if (!member) return std::nullopt;
    return member->positive();
}

BenchResult read_result(const Reader& from) {
    BenchResult r;
    r.shape = from.member("shape").text();
    r.port = from.member("port").text();
    r.median_us = from.member("median_us").time();
    r.gflops = from.member("gflops").positive();
    r.peak_share = optional_number(from, "peak_share");
    r.bandwidth_share = optional_number(from, "bandwidth_share");
    r.arena_bytes = from.member("arena_bytes").positive();
    from.member("peers").each([&](const std::string& name, const Reader& time) {
        r.peers.emplace_back(name, time.time());
    });
    r.spread = optional_number(from, "spread");
    if (const auto level = from.optional_member("level")) r.level = level->text();
    r.intensity = optional_number(from, "intensity");
    r.energy_uj = optional_number(from, "energy_uj");
    return r;
}

std::vector<FeatureTimes> read_features(const Reader& from) {
    std::vector<FeatureTimes> shapes;
    from.each_of_list([&](const Reader& shape) {
        FeatureTimes times{shape.member("shape").text(), {}};
        const Reader calls = shape.member("calls");
        calls.each_of_list([&](const Reader& call) {
            times.calls.push_back({call.member("name").text(), call.member("words").text(),
                                   call.member("median_us").time(),
                                   optional_number(call, "peak_share")});
        });
        if (times.calls.empty()) calls.refuse("is empty");
        shapes.push_back(times);
    });
    return shapes;
}

Growth read_growth(const Reader& from) {
    Growth growth;
    from.member("curves").each([&](const std::string& name, const Reader& points) {
        GrowthCurve& curve = growth.curves.emplace_back(GrowthCurve{name, {}});
        points.each_of_list([&](const Reader& point) {
            std::vector<double> pair;
            point.each_of_list([&](const Reader& value) { pair.push_back(value.time()); });
            if (pair.size() != 2) point.refuse("is no size and time");
            curve.points.emplace_back(pair[0], pair[1]);
        });
    });
    from.member("checks").each_of_list([&](const Reader& check) {
        growth.checks.push_back({check.member("name").text(), check.member("words").text(),
                                 check.member("ratio").positive(),
                                 check.member("expected").positive()});
    });
    return growth;
}

// "peers" of the machine; everything else there is for people.
void read_machine(const Reader& from, BenchReport& report) {
    from.each([&](const std::string& name, const Reader& value) {
        if (name != "peers") {
            const Json& json = value.json();
            report.machine[name] = json.is_string() ? json.get<std::string>() : json.dump();
            return;
        }
        value.each([&](const std::string& port, const Reader& peers) {
            peers.each([&](const std::string& peer, const Reader& words) {
                report.peers[port].emplace_back(peer, words.text());
            });
        });
    });
}

std::string contents_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (file) text << file.rdbuf();
    if (!file || text.fail()) throw UserError(path.string() + ": cannot be read");
    return text.str();
}

}  // namespace

std::string to_json(const BenchReport& report) {
    Json machine = Json::object(), bandwidth = Json::object(), results = Json::array();
    for (const auto& [name, value] : report.machine) machine[name] = value;
    for (const auto& [port, peers] : report.peers) machine["peers"][port] = object(peers);
    for (const auto& [port, levels] : report.bandwidth) bandwidth[port] = object(levels);
    for (const BenchResult& result : report.results) results.push_back(result_json(result));
    Json json{{"machine", machine},
              {"peak", report.peak},
              {"bandwidth", bandwidth},
              {"results", results}};
    for (const auto& [port, features] : report.features)
        json["features"][port] = features_json(features);
    for (const auto& [port, growth] : report.growth) json["growth"][port] = growth_json(growth);
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

BenchReport read_bench_report(const std::filesystem::path& path) {
    const std::string name = path.string();
    const Json json = Json::parse(contents_of(path), nullptr, /*allow_exceptions=*/false);
    if (json.is_discarded()) throw UserError(name + ": is no JSON");
    const Reader root(name, json);
    BenchReport report;
    report.file = name;
    read_machine(root.member("machine"), report);
    root.member("peak").each([&](const std::string& port, const Reader& gflops) {
        report.peak[port] = gflops.positive();
    });
    root.member("bandwidth").each([&](const std::string& port, const Reader& levels) {
        levels.each([&](const std::string& level, const Reader& speed) {
            report.bandwidth[port].emplace_back(level, speed.positive());
        });
    });
    root.member("results").each_of_list(
        [&](const Reader& result) { report.results.push_back(read_result(result)); });
    if (const auto features = root.optional_member("features")) {
        features->each([&](const std::string& port, const Reader& of_port) {
            report.features[port] = read_features(of_port);
        });
    }
    if (const auto growth = root.optional_member("growth")) {
        growth->each([&](const std::string& port, const Reader& of_port) {
            report.growth[port] = read_growth(of_port);
        });
    }
    if (report.results.empty() && report.features.empty() && report.growth.empty())
        root.member("results").refuse("is empty");
    return report;
}

}  // namespace headroom::tools
