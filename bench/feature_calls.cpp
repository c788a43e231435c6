#include "bench/feature_calls.hpp"

#include "tools/user_error.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace bench {
namespace {

using headroom::Attention;

constexpr float kCap = 2.0f;  // low enough to change scores visibly
constexpr std::size_t kMostBias = 100'000'000;
constexpr int kRowsOfHead = 9;  // that are compared with double precision, about

template <class Run>
class FeatureJob : public Job {
public:
    explicit FeatureJob(Run run) : run_(std::move(run)) {}
    void run() override { run_(); }

private:
    Run run_;
};

std::unique_ptr<bool[]> bools(int count, int true_ones) {
    auto all = std::make_unique<bool[]>(static_cast<std::size_t>(count));
    std::fill_n(all.get(), true_ones, true);
    return all;
}

std::size_t pairs(const Shape& s) { return product(s.tokens, s.keys); }

int masked_keys(const Shape& s) { return s.keys / 10; }

headroom::BoolMask for_all_queries(const std::unique_ptr<bool[]>& visible, int keys) {
    return {{.data = {visible.get(), static_cast<std::size_t>(keys)}, .keys = keys}};
}

}  // namespace

FeatureCalls::FeatureCalls(const Shape& s, const headroom::Port& port)
    : port_(port),
      in_(s),
      full_(in_),
      all_true_(bools(s.keys, s.keys)),
      padding_(bools(s.keys, s.keys - masked_keys(s))),
      slopes_(product(s.heads, 1)),
      bias_(pairs(s) <= kMostBias ? pairs(s) : 0),
      sinks_(product(s.heads, 1)),
      statistics_(static_cast<std::size_t>(s.heads)) {
    // As the paper on ALiBi has them: a geometric series down to 2^-8.
    for (int h = 0; h < s.heads; ++h) {
        slopes_.data()[h] =
            std::exp2(-8.0f * static_cast<float>(h + 1) / static_cast<float>(s.heads));
    }
    bias_.fill(31, 1.0f);
    sinks_.fill(32, 1.0f);
    add(where_keys_are(), "plain", "no feature", plain(), rules_of(plain(), s.keys));
    add_masks();
    add_ranges();
    add_scores();
    add(where_keys_are(), "statistics", "statistics of each head", plain(),
        rules_of(plain(), s.keys), headroom::Statistics{statistics_});
    add_storage();
}

Attention FeatureCalls::plain() const {
    return {.causal = in_.shape.causal, .first_position = in_.shape.position()};
}

ScoreRules FeatureCalls::rules_of(const Attention& how, int end) {
    ScoreRules rules;
    rules.visible = [how, end](int query) {
        const int at = static_cast<int>(how.first_position) + query,
                  left = static_cast<int>(how.window_left),
                  right = how.causal ? 0 : static_cast<int>(how.window_right);
        return KeyRange{left < 0 ? 0 : std::max(0, at - left),
                        right < 0 ? end : std::min(end, at + right + 1)};
    };
    return rules;
}

template <class... Features>
void FeatureCalls::attend(From from, const Attention& how, const Features&... features) {
    const auto scratch = in_.scratch.bytes();
    const headroom::Result result =
        from == From::cache ? headroom::attend(port_, in_.query(), full_.cache, in_.out(), scratch,
                                               how, features...)
                            : headroom::attend(port_, in_.query(), in_.key(), in_.value(),
                                               in_.out(), scratch, how, features...);
    expect_ok(result, in_.shape.name);
}

template <class Run>
void FeatureCalls::add_job(FeatureCall call, Run run) {
    call.job = std::make_unique<FeatureJob<Run>>(std::move(run));
    calls_.push_back(std::move(call));
}

template <class... Features>
void FeatureCalls::add(From from, const char* name, const std::string& words, const Attention& how,
                       ScoreRules rules, const Features&... features) {
    double seen = 0.0;
    for (int i = 0; i < in_.shape.tokens; ++i) {
        const KeyRange range = rules.visible(i);
        seen += std::max(0, range.end - range.first);
    }
    const double multiply_adds = 2.0 * in_.shape.heads * in_.shape.width * seen;
    add_job({name, words, multiply_adds, std::move(rules), nullptr},
            [this, from, how, features...] { attend(from, how, features...); });
}

void FeatureCalls::add_masks() {
    const int keys = in_.shape.keys, masked = masked_keys(in_.shape);
    add(where_keys_are(), "mask", "a mask that masks no key", plain(), rules_of(plain(), keys),
        for_all_queries(all_true_, keys));
    if (masked == 0) return;
    add(where_keys_are(), "padding", "a mask of the last tenth of the keys", plain(),
        rules_of(plain(), keys - masked), for_all_queries(padding_, keys));
}

void FeatureCalls::add_ranges() {
    const Shape& s = in_.shape;
    Attention how = plain();
    if (!s.causal && s.tokens > 1) {
        how.causal = true;
        add(where_keys_are(), "causal", "causal", how, rules_of(how, s.keys));
        how.causal = false;
    }
    // Before the query or, where it sees both sides, on both.
    if (s.causal || s.has_cache()) {
        how.causal = true;
        how.window_left = std::max(1, s.keys / 4) - 1;
    } else {
        how.window_left = how.window_right = s.keys / 8;
    }
    add(where_keys_are(), "window", "a window of a quarter of the keys", how,
        rules_of(how, s.keys));
}

void FeatureCalls::add_scores() {
    const Shape& s = in_.shape;
    const std::size_t heads = static_cast<std::size_t>(s.heads);
    const auto add_changed = [&](const char* name, const char* words, auto changed,
                                 const auto& feature) {
        ScoreRules rules = rules_of(plain(), s.keys);
        rules.changed = changed;
        add(where_keys_are(), name, words, plain(), rules, feature);
    };
    add_changed(
        "alibi", "ALiBi",
        [slopes = slopes_.data(), position = s.position()](int h, int i, int j, double score) {
            return score - double{slopes[h]} * std::abs(j - position - i);
        },
        headroom::Alibi{{slopes_.data(), heads}});
    if (!bias_.floats().empty()) {
        add_changed(
            "bias", "a bias for each query and key",
            [bias = bias_.data(), keys = s.keys](int, int i, int j, double score) {
                return score + double{bias[product(i, keys) + static_cast<std::size_t>(j)]};
            },
            headroom::ScoreBias{{.data = bias_.floats(), .keys = s.keys, .query_stride = s.keys}});
    }
    add_changed(
        "softcap", "a softcap",
        [](int, int, int, double score) { return kCap * std::tanh(score / double{kCap}); },
        headroom::Softcap{kCap});
    ScoreRules rules = rules_of(plain(), s.keys);
    rules.sinks = sinks_.data();
    add(where_keys_are(), "sinks", "a sink for each head", plain(), rules,
        headroom::SinkLogits{{sinks_.data(), heads}});
}

void FeatureCalls::add_storage() {
    const Shape& s = in_.shape;
    if (s.has_cache())
        add(From::tensors, "tensors", "keys and values in plain tensors", plain(),
            rules_of(plain(), s.keys));
    else
        add(From::cache, "cache", "keys and values in a cache", plain(), rules_of(plain(), s.keys));
    add_job(
        {"append", "only appending this call's keys and values to the cache", 0.0, {}, {}}, [this] {
            const Shape& shape = in_.shape;
            expect_ok(full_.cache.truncate(shape.position()), shape.name);
            expect_ok(full_.cache.append(in_.of_new_keys(in_.keys), in_.of_new_keys(in_.values)),
                      shape.name);
        });
}

void FeatureCalls::expect_right() {
    const Shape& s = in_.shape;
    const AttendTask task = in_.task(nullptr);
    const int step = std::max(1, s.tokens / (kRowsOfHead - 1));
    for (const FeatureCall& call : calls_) {
        std::fill(in_.outputs.floats().begin(), in_.outputs.floats().end(), 0.0f);
        call.job->run();
        if (!call.rules) continue;
        std::vector<float> got;
        std::vector<double> expected;
        for (int h = 0; h < s.heads; ++h) {
            for (int i = s.tokens - 1; i >= 0; i -= step) {
                const auto row = reference_row(task, h, i, *call.rules);
                expected.insert(expected.end(), row.begin(), row.end());
                const float* const out =
                    in_.outputs.data() + product(h, s.tokens, s.width) + product(i, s.width);
                got.insert(got.end(), out, out + s.width);
            }
        }
        const double apart = largest_difference(got, expected);
        if (apart < agreement) continue;
        char text[32];
        std::snprintf(text, sizeof text, "%.2g", apart);
        throw headroom::tools::UserError(s.name + " with " + call.words + " on " + port_.name +
                                         ": the output is off by " + text + " of the largest");
    }
}

}  // namespace bench
