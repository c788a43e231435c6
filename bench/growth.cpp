#include "bench/growth.hpp"

#include "bench/case.hpp"
#include "bench/clock.hpp"
#include "bench/measure.hpp"

#include <algorithm>
#include <array>
#include <memory>

namespace bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kWindow = 256;
constexpr int kMostTokens = 8192;
constexpr double kSliceSeconds = 3e-4;
constexpr double kLongCall = 0.15;  // a curve ends where one call takes so many seconds

struct Sizes {
    int tokens = 256, keys = 256, heads = 1, width = 64;
    bool causal = false, window = false;
    int heads_on = 0;  // of them; 0: all, and no mask
};

// A call on plain tensors, its queries the last of the sequence.
class Call {
public:
    Call(const headroom::Port& port, const Sizes& s)
        : port_(port),
          s_(s),
          query_(product(s.heads, s.tokens, s.width)),
          key_(product(s.heads, s.keys, s.width)),
          value_(product(s.heads, s.keys, s.width)),
          out_(product(s.heads, s.tokens, s.width)),
          scratch_(bytes_of(scratch_bytes())),
          on_(std::make_unique<bool[]>(static_cast<std::size_t>(s.heads))) {
        query_.fill(1, 2.0f);
        key_.fill(2, 1.0f);
        value_.fill(3, 1.0f);
        how_.causal = s.causal || s.window;
        how_.first_position = s.keys - s.tokens;
        if (s.window) how_.window_left = kWindow - 1;
        std::fill_n(on_.get(), s.heads_on, true);
    }

    void run() {
        const auto query = tensor(std::as_const(query_).floats(), s_.tokens),
                   key = tensor(std::as_const(key_).floats(), s_.keys),
                   value = tensor(std::as_const(value_).floats(), s_.keys);
        const auto out = headroom::head_major(out_.floats(), s_.heads, s_.tokens, s_.width);
        if (s_.heads_on == 0) {
            expect_ok(headroom::attend(port_, query, key, value, out, scratch_.bytes(), how_),
                      "growth");
            return;
        }
        const headroom::HeadMask mask{{on_.get(), static_cast<std::size_t>(s_.heads)}};
        expect_ok(headroom::attend(port_, query, key, value, out, scratch_.bytes(), how_, mask),
                  "growth");
    }

    double seconds_of(int calls) {
        return seconds_of_work([&] {
                   for (int i = 0; i < calls; ++i) run();
               }) /
               calls;
    }

    int calls_of_a_slice() {
        run();
        return std::max(1, static_cast<int>(kSliceSeconds / seconds_of(1)));
    }

    std::size_t scratch_bytes() const {
        return headroom::scratch_bytes({.max_queries = s_.tokens,
                                        .heads = s_.heads,
                                        .kv_heads = s_.heads,
                                        .key_width = s_.width,
                                        .value_width = s_.width});
    }

private:
    headroom::ConstTensor tensor(std::span<const float> floats, int tokens) const {
        return headroom::head_major(floats, s_.heads, tokens, s_.width);
    }

    const headroom::Port& port_;
    Sizes s_;
    Buffer query_, key_, value_, out_, scratch_;
    std::unique_ptr<bool[]> on_;
    headroom::Attention how_;
};

// Median seconds of a call.
double time_of(const headroom::Port& port, const Sizes& sizes, double seconds) {
    Call call(port, sizes);
    const int calls = call.calls_of_a_slice();
    std::vector<double> times;
    for (const double stop = thread_seconds() + seconds;
         times.size() < 3 || thread_seconds() < stop;)
        times.push_back(call.seconds_of(calls));
    return median(times);
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
            const double time = time_of(port_, sizes, seconds_);
            points.push_back({size, 1e6 * time});
            if (time > kLongCall) break;
        }
        curves_[name] = points;
        tell();
    }

    // Both in turn; the median of the ratios.
    void check(const char* name, const std::string& words, const Sizes& ours, const Sizes& beside,
               double expected) {
        Call a(port_, ours), b(port_, beside);
        const int calls_a = a.calls_of_a_slice(), calls_b = b.calls_of_a_slice();
        std::vector<double> times_a, times_b, ratios;
        for (const double stop = thread_seconds() + 4.0 * seconds_;
             ratios.size() < 5 || thread_seconds() < stop;) {
            times_a.push_back(a.seconds_of(calls_a));
            times_b.push_back(b.seconds_of(calls_b));
            ratios.push_back(times_a.back() / times_b.back());
        }
        checks_.push_back({{"name", name},
                           {"words", words},
                           {"us", 1e6 * median(times_a)},
                           {"beside_us", 1e6 * median(times_b)},
                           {"ratio", median(ratios)},
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
    void tell() { progress_(std::min(1.0, ++done_ / 11.0)); }

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
