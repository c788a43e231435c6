// ONNX Runtime: its attention operators, and matrix products around them for layers. Every operator
// that can do a task is tried, and the fastest is kept.
#include "bench/peers/onnx_folder.hpp"
#include "bench/peers/onnx_session.hpp"
#include "bench/peers/peer.hpp"

#include <time.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

namespace bench {
namespace {

constexpr int kCopies = 33;
constexpr double kLongCall = 2e-3;  // what calling it costs is nothing beside so many seconds

// Of this thread: what others take away in between does not count.
double thread_seconds() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

double shortest_seconds(OnnxModel& model) {
    model.run();
    double shortest = std::numeric_limits<double>::infinity();
    const double first = thread_seconds();
    for (int i = 0; i < 2 || thread_seconds() - first < 0.05; ++i) {
        const double start = thread_seconds();
        model.run();
        shortest = std::min(shortest, thread_seconds() - start);
    }
    return shortest;
}

// A way to express the task.
struct Candidate {
    std::unique_ptr<OnnxModel> once, series;  // series: null if one copy is what is timed
    double seconds = 0.0;
};

// Rows of [outer][inner] become rows of [inner][outer].
void swap_rows(const float* from, int outer, int inner, int width, float* to) {
    for (int i = 0; i < outer; ++i) {
        for (int j = 0; j < inner; ++j)
            std::copy_n(from + (i * inner + j) * width, width, to + (j * outer + i) * width);
    }
}

class OnnxJob : public Job {
public:
    bool ready() const { return best_.once != nullptr; }
    void run() override { best_.once->run(); }
    int more_in_series() const override { return best_.series == nullptr ? 0 : kCopies - 1; }
    void run_series() override { best_.series->run(); }

protected:
    void add(const std::string& name, const std::vector<std::int64_t>& sizes,
             const float* from = nullptr) {
        tensors_.try_emplace(name, sizes, from);
    }
    std::vector<float>& floats(const std::string& name) { return tensors_.at(name).floats(); }

    void choose(const OnnxFolder& folder, const std::vector<std::string>& task) {
        for (const std::string& way : folder.write_models(kCopies, task)) {
            Candidate candidate = make(folder, way);
            if (!ready() || candidate.seconds < best_.seconds) best_ = std::move(candidate);
        }
    }

    bool writes(const std::string& output) const { return best_.once->has_output(output); }

private:
    Candidate make(const OnnxFolder& folder, const std::string& way) {
        Candidate made;
        made.once = std::make_unique<OnnxModel>(folder.model(way, 1), tensors_);
        made.seconds = shortest_seconds(*made.once);
        if (made.seconds > kLongCall) return made;
        made.series = std::make_unique<OnnxModel>(folder.model(way, kCopies), tensors_);
        expect_series(*made.once, *made.series);
        const double each = (shortest_seconds(*made.series) - made.seconds) / (kCopies - 1);
        // Copies of a layer's weights may not fit in a cache together: that is not held against it.
        if (each < made.seconds)
            made.seconds = each;
        else
            made.series.reset();
        return made;
    }

    // The copies in series are all computed: one copy, fed with its own output, gives the same.
    void expect_series(OnnxModel& once, OnnxModel& series) {
        const auto [in, out] = ends(once);
        const std::vector<float> before = *in;
        series.run();
        const std::vector<float> expected = *out;
        for (int i = 0; i < kCopies; ++i) {
            if (i > 0) *in = *out;
            once.run();
        }
        *in = before;
        float apart = 0.0f, largest = 0.0f;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            apart = std::max(apart, std::fabs(expected[i] - (*out)[i]));
            largest = std::max(largest, std::fabs(expected[i]));
        }
        if (!(apart <= 1e-4f * largest))
            throw std::runtime_error("copies in series do not give what one gives again and again");
    }

    std::pair<std::vector<float>*, std::vector<float>*> ends(const OnnxModel& model) {
        const std::pair<const char*, const char*> all[] = {
            {"query_by_head", "out_by_head"}, {"query_by_token", "out_by_token"}, {"x", "y"}};
        for (const auto& [in, out] : all) {
            if (model.has_output(out)) return {&floats(in), &floats(out)};
        }
        throw std::runtime_error("a model has no output");
    }

    OnnxTensors tensors_;
    Candidate best_;
};

// Tensors by head are [heads][tokens][width], by token [tokens][heads][width].
class Attend : public OnnxJob {
public:
    explicit Attend(const AttendTask& t) : t_(t) {
        const int wide = t.heads * t.width, kv_wide = t.kv_heads * t.width;
        add("query_by_head", {1, t.heads, t.tokens, t.width}, t.query);
        add("query_by_token", {1, t.tokens, wide});
        add("key_by_head", {1, t.kv_heads, t.keys, t.width}, t.key);
        add("value_by_head", {1, t.kv_heads, t.keys, t.width}, t.value);
        add("key_by_token", {1, t.keys, kv_wide});
        add("value_by_token", {1, t.keys, kv_wide});
        add("new_key_by_token", {1, t.tokens, kv_wide});
        add("new_value_by_token", {1, t.tokens, kv_wide});
        add("out_by_head", {1, t.heads, t.tokens, t.width});
        add("out_by_token", {1, t.tokens, wide});
        swap_rows(t.query, t.heads, t.tokens, t.width, floats("query_by_token").data());
        order_by_token("key", t.key);
        order_by_token("value", t.value);
        const OnnxFolder folder;
        choose(folder,
               {"model_dim=0", "heads=" + std::to_string(t.heads),
                "kv_heads=" + std::to_string(t.kv_heads), "width=" + std::to_string(t.width),
                "tokens=" + std::to_string(t.tokens), "keys=" + std::to_string(t.keys),
                "causal=" + std::to_string(t.causal), "scale=" + std::to_string(t.scale)});
    }

    void deliver() override {
        if (writes("out_by_head")) {
            std::copy(floats("out_by_head").begin(), floats("out_by_head").end(), t_.out);
        } else {
            swap_rows(floats("out_by_token").data(), t_.tokens, t_.heads, t_.width, t_.out);
        }
    }

private:
    void order_by_token(const std::string& name, const float* by_head) {
        std::vector<float>& all = floats(name + "_by_token");
        swap_rows(by_head, t_.kv_heads, t_.keys, t_.width, all.data());
        std::vector<float>& last = floats("new_" + name + "_by_token");
        std::copy(all.end() - static_cast<std::ptrdiff_t>(last.size()), all.end(), last.begin());
    }

    AttendTask t_;
};

class Layer : public OnnxJob {
public:
    explicit Layer(const LayerTask& t) : t_(t) {
        add("x", {1, t.tokens, t.model_dim}, t.x);
        add("y", {1, t.tokens, t.model_dim});
        add("key_by_head", {1, t.kv_heads, t.keys, t.width}, t.cached_keys);
        add("value_by_head", {1, t.kv_heads, t.keys, t.width}, t.cached_values);
        add("input_bias", {t.input_width()}, t.input_bias);
        add("output_bias", {t.model_dim}, t.output_bias);
        // Products take weights by input.
        add("input_weight", {t.model_dim, t.input_width()});
        add("output_weight", {t.model_dim, t.model_dim});
        swap_rows(t.input_weight, t.input_width(), t.model_dim, 1, floats("input_weight").data());
        swap_rows(t.output_weight, t.model_dim, t.model_dim, 1, floats("output_weight").data());
        const OnnxFolder folder;
        for (const char* name : {"input_weight", "input_bias", "output_weight", "output_bias"})
            folder.add_weights(name, floats(name));
        choose(folder,
               {"model_dim=" + std::to_string(t.model_dim), "heads=" + std::to_string(t.heads),
                "kv_heads=" + std::to_string(t.kv_heads), "width=" + std::to_string(t.width),
                "tokens=" + std::to_string(t.tokens), "keys=" + std::to_string(t.keys),
                "causal=" + std::to_string(t.causal), "scale=" + std::to_string(t.scale)});
    }

    void deliver() override { std::copy(floats("y").begin(), floats("y").end(), t_.y); }

private:
    LayerTask t_;
};

const char* description() {
    static const std::string words = std::string("ONNX Runtime ") + onnx_base().version();
    return words.c_str();
}

// Null if no operator does it.
template <class Made, class Task>
Job* made(const Task& task) {
    auto job = std::make_unique<Made>(task);
    return job->ready() ? job.release() : nullptr;
}

Job* attend(const AttendTask& task) { return made<Attend>(task); }
Job* layer(const LayerTask& task) { return made<Layer>(task); }

}  // namespace
}  // namespace bench

const bench::Peer* headroom_peer() {
    static constexpr bench::Peer peer{bench::description, bench::attend, bench::layer};
    return &peer;
}
