// What `headroom bench --features` times beside the plain call of a shape: the same call with one
// feature each, and what it costs to have keys and values in a cache.
#pragma once

#include "bench/attend_inputs.hpp"
#include "bench/reference.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bench {

struct FeatureCall {
    std::string name, words;
    double multiply_adds = 0.0;       // of the keys that are seen; 0: it only copies
    std::optional<ScoreRules> rules;  // what its output should be; none: it has no output
    std::unique_ptr<Job> job;
};

class FeatureCalls {
public:
    FeatureCalls(const Shape& shape, const headroom::Port& port);

    // The first one is the plain call. All have the same inputs.
    const std::vector<FeatureCall>& all() const { return calls_; }

    // Compares rows of all outputs with double precision; throws UserError if one is wrong.
    void expect_right();

private:
    enum class From { tensors, cache };

    // Names no feature: causal or not, and at which position.
    headroom::Attention plain() const;
    // What a query sees: what `how` says, and no key from `end` on.
    static ScoreRules rules_of(const headroom::Attention& how, int end);
    From where_keys_are() const { return in_.shape.has_cache() ? From::cache : From::tensors; }

    template <class... Features>
    void attend(From from, const headroom::Attention& how, const Features&... features);
    template <class... Features>
    void add(From from, const char* name, const std::string& words, const headroom::Attention& how,
             ScoreRules rules, const Features&... features);
    template <class Run>
    void add_job(FeatureCall call, Run run);
    void add_masks();
    void add_ranges();
    void add_scores();
    void add_storage();

    const headroom::Port& port_;
    AttendInputs in_;
    FullCache full_;
    std::unique_ptr<bool[]> all_true_, padding_;
    Buffer slopes_, bias_, sinks_;
    std::vector<headroom::HeadStatistics> statistics_;
    std::vector<FeatureCall> calls_;
};

}  // namespace bench
