#include "bench/growth.hpp"

#include "bench/attend_inputs.hpp"
#include "bench/rounds.hpp"

#include <algorithm>
#include <memory>

namespace bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kWindow = 256;
constexpr int kMostTokens = 8192;
constexpr double kParts = 10.0;     // curves, and checks that take time
constexpr double kLongCall = 0.15;  // a curve ends where one call takes so many seconds

struct Sizes {
    int tokens = 256, keys = 256, heads = 1, width = 64;
    bool causal = false, window = false;
    int heads_on = 0;  // of them; 0: all, and no mask
};

// A call on plain tensors, its queries the last of the sequence.
class Call : public Job {
public:
    Call(const headroom::Port& port, const Sizes& s)
        : port_(port),
          in_({"growth", 0, s.heads, s.heads, s.width, s.tokens, s.keys, s.causal}),
          on_(std::make_unique<bool[]>(static_cast<std::size_t>(s.heads))),
          masked_(s.heads_on > 0) {
        how_.causal = s.causal || s.window;
        how_.first_position = s.keys - s.tokens;
        if (s.window) how_.window_left = kWindow - 1;
        std::fill_n(on_.get(), s.heads_on, true);
    }

    void run() override {
        if (!masked_) return attend();
        attend(headroom::HeadMask{{on_.get(), static_cast<std::size_t>(in_.shape.heads)}});
    }

    std::size_t scratch_bytes() const { return in_.scratch_bytes(); }

private:
    template <class... Features>
    void attend(const Features&... features) {
        expect_ok(headroom::attend(port_, in_.query(), in_.key(), in_.value(), in_.out(),
                                   in_.scratch.bytes(), how_, features...),
                  in_.shape.name);
    }

    const headroom::Port& port_;
    AttendInputs in_;
    std::unique_ptr<bool[]> on_;
    bool masked_;
    headroom::Attention how_;
};

// Medians of calls in turn.
Rounds time(const headroom::Port& port, std::vector<Side> sides, double seconds) {
    Contest contest(port, std::move(sides));
    return run_rounds(contest, "growth", seconds, [](double) {});
}

class Growth {
public:
    Growth(const headroom::Port& port, double seconds, const std::function<void(double)>& progress)
        : port_(port), seconds_(seconds), progress_(progress) {}

    // `set` makes a size's sizes out of it: 16, 32, 64 ... or whatever the list has.
    template <class Set>
    void curve(const char* name, const std::vector<int>& all, Set set) {
        Json points = Json::array();
        for (const int size : all) {
            Sizes sizes;
            set(sizes, size);
            Call call(port_, sizes);
            const double seconds = time(port_, {{"call", &call}}, seconds_).ours;
            points.push_back({size, 1e6 * seconds});
            if (seconds > kLongCall) break;
        }
        curves_[name] = points;
        tell();
    }

    // Both in turn; the ratio of the medians.
    void check(const char* name, const std::string& words, const Sizes& ours, const Sizes& beside,
               double expected) {
        Call a(port_, ours), b(port_, beside);
        const Rounds rounds = time(port_, {{"call", &a}, {"beside", &b}}, 4.0 * seconds_);
        const double times[] = {rounds.ours, rounds.peers.front().second};
        checks_.push_back({{"name", name},
                           {"words", words},
                           {"us", 1e6 * times[0]},
                           {"beside_us", 1e6 * times[1]},
                           {"ratio", times[0] / times[1]},
                           {"expected", expected}});
        tell();
    }

    // Bytes of scratch, which no keys and, from the most that are in flight on, no queries enlarge.
    void scratch(const Sizes& few, const Sizes& many) {
        const double a = static_cast<double>(Call(port_, many).scratch_bytes()),
                     b = static_cast<double>(Call(port_, few).scratch_bytes());
        checks_.push_back({{"name", "scratch"},
                           {"words", "scratch of " + std::to_string(many.tokens) +
                                         " tokens, beside that of " + std::to_string(few.tokens)},
                           {"ratio", a / b},
                           {"expected", 1.0}});
    }

    Json json() const { return {{"curves", curves_}, {"checks", checks_}}; }

private:
    void tell() { progress_(++done_ / kParts); }

    const headroom::Port& port_;
    double seconds_;
    const std::function<void(double)>& progress_;
    int done_ = 0;
    Json curves_ = Json::object(), checks_ = Json::array();
};

std::vector<int> doubling(int from, int to) {
    std::vector<int> all;
    for (int size = from; size <= to; size *= 2) all.push_back(size);
    return all;
}

void measure_curves(Growth& growth) {
    const std::vector<int> tokens = doubling(16, kMostTokens);
    growth.curve("tokens", tokens, [](Sizes& s, int size) { s.tokens = s.keys = size; });
    growth.curve("causal", tokens, [](Sizes& s, int size) {
        s.tokens = s.keys = size;
        s.causal = true;
    });
    growth.curve("window", tokens, [](Sizes& s, int size) {
        s.tokens = s.keys = size;
        s.window = true;
    });
    growth.curve("keys", tokens, [](Sizes& s, int size) {
        s.tokens = 1;
        s.keys = size;
    });
    growth.curve("heads", doubling(1, 64), [](Sizes& s, int size) { s.heads = size; });
    growth.curve("width", doubling(16, 256), [](Sizes& s, int size) {
        s.heads = 4;
        s.width = size;
    });
}

void measure_checks(Growth& growth) {
    // As far as a slow processor gets in reasonable time: ratios say the same there.
    Sizes full, causal;
    full.tokens = full.keys = causal.tokens = causal.keys = 2048;
    causal.causal = true;
    growth.check("causal", "a causal call of 2048 tokens, beside one that sees all", causal, full,
                 2049.0 / 4096.0);
    Sizes windowed, short_one;
    windowed.tokens = short_one.tokens = 1;
    windowed.keys = kMostTokens;
    windowed.window = true;
    short_one.keys = kWindow;
    growth.check("window_of_one",
                 "one token with a window of 256 after 8192, beside 256 keys and no window",
                 windowed, short_one, 1.0);
    Sizes rows, plain;
    rows.tokens = rows.keys = plain.tokens = kMostTokens;
    rows.window = true;
    plain.keys = kWindow;
    growth.check("window", "8192 tokens with a window of 256, beside 8192 queries on 256 keys",
                 rows, plain, 1.0);
    Sizes masked, few;
    masked.tokens = masked.keys = few.tokens = few.keys = 512;
    masked.heads = 8;
    masked.heads_on = few.heads = 4;
    growth.check("heads_off", "8 heads of 512 tokens of which 4 are masked out, beside 4 heads",
                 masked, few, 1.0);
    Sizes small, large;
    small.tokens = small.keys = 48;
    large.tokens = large.keys = kMostTokens;
    growth.scratch(small, large);
}

}  // namespace

nlohmann::ordered_json measure_growth(const headroom::Port& port, double seconds,
                                      const std::function<void(double)>& progress) {
    Growth growth(port, std::clamp(0.1 * seconds, 1e-4, 1.0), progress);
    measure_curves(growth);
    measure_checks(growth);
    return growth.json();
}

}  // namespace bench
