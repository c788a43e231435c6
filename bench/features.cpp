#include "bench/features.hpp"

#include "bench/feature_calls.hpp"
#include "bench/rounds.hpp"

#include <algorithm>

namespace bench {
namespace {

using Json = nlohmann::ordered_json;

double seconds_of(const Rounds& rounds, const std::string& name) {
    const auto found = std::find_if(rounds.peers.begin(), rounds.peers.end(),
                                    [&](const auto& side) { return side.first == name; });
    return found == rounds.peers.end() ? rounds.ours : found->second;
}

Json measure_shape(const headroom::Port& port, const Shape& shape, double seconds,
                   const std::function<void(double)>& progress) {
    FeatureCalls features(shape, port);
    features.expect_right();
    std::vector<Side> sides;
    for (const FeatureCall& call : features.all()) sides.push_back({call.name, call.job.get()});
    Contest contest(port, sides);
    const Rounds rounds = run_rounds(contest, shape.name + "/features", seconds, progress);
    Json calls = Json::array();
    for (const FeatureCall& call : features.all()) {
        const bool computes = call.multiply_adds > 0.0;
        calls.push_back({{"name", call.name},
                         {"words", call.words},
                         {"us", 1e6 * seconds_of(rounds, call.name)},
                         {"flops", computes ? Json(2.0 * call.multiply_adds) : Json()}});
    }
    return {{"shape", shape.name}, {"peak", rounds.peak}, {"calls", calls}};
}

}  // namespace

nlohmann::ordered_json measure_features(const headroom::Port& port, std::span<const Shape> shapes,
                                        double seconds,
                                        const std::function<void(double)>& progress) {
    Json all = Json::array();
    const double whole = static_cast<double>(shapes.size());
    for (const Shape& shape : shapes) {
        const double done = static_cast<double>(all.size());
        all.push_back(measure_shape(port, shape, seconds,
                                    [&](double share) { progress((done + share) / whole); }));
        progress((done + 1.0) / whole);
    }
    return {{"shapes", all}};
}

}  // namespace bench
