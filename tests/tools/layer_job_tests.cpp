// What `headroom layer` makes of its options and input files, and what its runner shows.
#include <doctest.h>

#include "tools/layer_job.hpp"

#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tools/npy_writer.hpp"
#include "tools/safetensors_file.hpp"
#include "tools/user_error.hpp"

using headroom::Index;
using headroom::test::Folder;
using headroom::test::TensorFile;
using namespace headroom::tools;

namespace {

// Two layers 4 wide with 2 heads, "self" and "cross" (keys 3, values 5 wide), and inputs for them.
class Files {
public:
    Files() {
        TensorFile file;
        file.add("self.in_proj_weight", {12, 4}, 0.1f).add("self.out_proj.weight", {4, 4}, 0.2f);
        file.add("cross.q_proj_weight", {4, 4}).add("cross.k_proj_weight", {4, 3});
        file.add("cross.v_proj_weight", {4, 5}).add("cross.out_proj.weight", {4, 4});
        for (const char* part : {"q", "k", "v", "o"})
            file.add("t5." + std::string(part) + ".weight", {4, 4}, 0.1f);
        file.write(path("weights"));
        floats("x", {3, 6, 4});
    }

    std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

    std::string floats(const std::string& name, const Dims& dims, float value = 0.5f) const {
        const std::vector<float> values(static_cast<std::size_t>(size_of(dims)), value);
        write_npy(path(name), dims, values);
        return path(name);
    }

    std::string raw(const std::string& name, Dtype dtype, const Dims& dims,
                    const std::string& data) const {
        const std::vector<std::byte> header = npy_header(dtype, dims);
        std::ofstream(path(name), std::ios::binary)
            << std::string(reinterpret_cast<const char*>(header.data()), header.size()) << data;
        return path(name);
    }

    LayerJobOptions options(const std::string& prefix = "self") const {
        LayerJobOptions options;
        options.weights = path("weights");
        options.layer = {.prefix = prefix, .heads = 2};
        options.x = path("x");
        return options;
    }

    LayerJob job(const LayerJobOptions& options) const {
        return LayerJob(Safetensors(options.weights), options);
    }

    // What is said of the options after a change to them; "ok" if nothing.
    std::string complaint(const std::function<void(LayerJobOptions&)>& change,
                          const std::string& prefix = "self") const {
        LayerJobOptions changed = options(prefix);
        change(changed);
        try {
            job(changed);
            return "ok";
        } catch (const UserError& error) {
            const std::string text = error.what();
            CHECK(text.find('\n') == std::string::npos);
            return text;
        }
    }

private:
    Folder folder_;
};

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::string int64s(const std::vector<std::int64_t>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof values[0]};
}

}  // namespace

TEST_CASE("layer job: tokens") {
    const Files files;
    const auto with_x = [&](const std::string& path) {
        return files.complaint([&](LayerJobOptions& o) { o.x = path; });
    };
    CHECK(with_x(files.floats("two", {6, 4})) == "ok");
    CHECK(with_x(files.floats("none", {0, 4})) == "ok");
    CHECK(with_x("") == "--x: no file of tokens given");
    CHECK(contains(with_x(files.path("missing")), "missing: does not exist"));
    CHECK(contains(with_x(files.floats("wide", {6, 5})),
                   "wide: is float32 [6, 5]; the weights take tokens 4 wide"));
    CHECK(contains(with_x(files.floats("flat", {4})), "flat: is float32 [4]; tokens are"));
    CHECK(contains(with_x(files.raw("int", Dtype::int64, {1, 4}, int64s({1, 2, 3, 4}))),
                   "int: is int64 [1, 4]; tokens are floating-point"));
    CHECK(files.job(files.options()).output_dims() == Dims{3, 6, 4});
}

TEST_CASE("layer job: context") {
    const Files files;
    CHECK(contains(files.complaint([](LayerJobOptions&) {}, "cross"), "give --context"));
    const auto with = [&](const Dims& keys, const Dims& values) {
        return files.complaint(
            [&](LayerJobOptions& o) {
                o.context = files.floats("keys", keys);
                o.context_values = files.floats("values", values);
            },
            "cross");
    };
    CHECK(with({3, 9, 3}, {3, 9, 5}) == "ok");
    CHECK(contains(with({3, 9, 4}, {3, 9, 5}), "keys: is float32 [3, 9, 4]; the weights take"));
    CHECK(contains(with({3, 9, 3}, {3, 9, 3}), "values: is float32 [3, 9, 3]; the weights take"));
    CHECK(contains(with({2, 9, 3}, {3, 9, 5}), "keys: holds 2 sequences, "));
    CHECK(contains(with({1, 9, 3}, {3, 9, 5}), "keys: holds a batch of one sequence, "));
    CHECK(contains(with({9, 3}, {3, 9, 5}), "keys: holds one sequence, "));
    CHECK(contains(with({3, 9, 3}, {3, 8, 5}), "values: has 8 tokens, "));
}

TEST_CASE("layer job: masks and lengths") {
    const Files files;
    const auto with_mask = [&](const std::string& path) {
        return files.complaint([&](LayerJobOptions& o) { o.mask = path; });
    };
    for (const Dims& fits : {Dims{6}, Dims{5}, Dims{1}, Dims{6, 6}, Dims{1, 6}, Dims{2, 6, 1},
                             Dims{3, 2, 6, 6}, Dims{3, 1, 1, 6}})
        CHECK(with_mask(files.floats("m", fits)) == "ok");
    for (const Dims& wrong :
         {Dims{}, Dims{7}, Dims{3, 6}, Dims{3, 6, 6}, Dims{2, 2, 6, 6}, Dims{1, 1, 1, 1, 6}}) {
        CHECK(contains(with_mask(files.floats("m", wrong)), "does not broadcast to [3, 2, 6, 6]"));
    }
    CHECK(with_mask(files.raw("b", Dtype::boolean, {6}, std::string(5, '\0') + '\1')) == "ok");
    CHECK(contains(with_mask(files.raw("b", Dtype::boolean, {6}, std::string(6, '\0'))),
                   "b: hides every key of every query. In a bool"));
    CHECK(files.complaint([&](LayerJobOptions& o) {
        o.mask = files.path("b");
        o.mask_may_hide_all = true;
    }) == "ok");
    // Inverted, as PyTorch's masks are, in a causal layer: row i shows only what is after it.
    std::string inverted;
    for (int i = 0; i < 6; ++i)
        for (int j = 0; j < 6; ++j) inverted += j > i ? '\1' : '\0';
    const auto with_inverted = [&](bool causal, std::int64_t window_right) {
        return files.complaint([&](LayerJobOptions& o) {
            o.mask = files.raw("u", Dtype::boolean, {6, 6}, inverted);
            o.run.causal = causal;
            o.run.window_right = window_right;
        });
    };
    CHECK(contains(with_inverted(true, -1), "u: hides every key of every query. In a bool"));
    CHECK(contains(with_inverted(false, 0), "u: hides every key of every query. In a bool"));
    CHECK(with_inverted(false, -1) == "ok");
    CHECK(contains(with_mask(files.raw("i", Dtype::int64, {1}, int64s({1}))),
                   "i: holds int64 [1]; --mask takes bool"));

    const auto with_lengths = [&](const std::vector<std::int64_t>& lengths) {
        const Dims dims = {static_cast<Index>(lengths.size())};
        return files.complaint([&](LayerJobOptions& o) {
            o.valid_keys = files.raw("l", Dtype::int64, dims, int64s(lengths));
        });
    };
    CHECK(with_lengths({0, 6, 3}) == "ok");
    CHECK(
        contains(with_lengths({0, 6}), "l: is int64 [2], not one number for each of 3 sequences"));
    CHECK(contains(with_lengths({0, 6, 7}), "l: 7 keys of 6 cannot be valid"));
    CHECK(contains(with_lengths({0, -1, 6}), "l: -1 keys of 6 cannot be valid"));
}

TEST_CASE("layer job: settings") {
    const Files files;
    const auto with = [&](const std::function<void(LayerRunOptions&)>& change,
                          const std::string& prefix = "self") {
        return files.complaint([&](LayerJobOptions& o) { change(o.run); }, prefix);
    };
    CHECK(contains(with([](auto& o) { o.scale = 0.0f; }), "--scale 0: must be"));
    CHECK(contains(with([](auto& o) { o.scale = std::numeric_limits<float>::infinity(); }),
                   "--scale inf: must be"));
    CHECK(contains(with([](auto& o) { o.rotary.base = 5.0; }), "this layer is not rotated"));
    CHECK(contains(with([](auto& o) {
                       o.rotary.pairs = headroom::RotaryPairs::halves;
                       o.rotary.dim = 4;
                   }),
                   "--rotary-dim 4: must be even and at most the head's width, 2"));
    CHECK(contains(with([](auto& o) {
                       o.rotary.pairs = headroom::RotaryPairs::halves;
                       o.rotary.scaling = headroom::RotaryScaling::yarn;
                   }),
                   "--rotary-scaling yarn: needs --rotary-factor"));
    CHECK(contains(with([](auto& o) {
                       o.rotary.pairs = headroom::RotaryPairs::halves;
                       o.rotary.scaling = headroom::RotaryScaling::ntk;
                       o.rotary.factor = 2.0;
                   }),
                   "--rotary-scaling ntk: needs heads of which more than 2 elements"));
    CHECK(contains(
        with([](auto&) {}, "t5"),
        "tensor \"t5.relative_attention_bias.weight\": is missing, here and in the first"));
    const auto cross_distance = [&](std::optional<int> distance) {
        return files.complaint(
            [&](LayerJobOptions& o) {
                o.context = files.floats("context", {3, 2, 4});
                o.run.largest_distance = distance;
            },
            "t5");
    };
    CHECK(cross_distance({}) == "ok");
    CHECK(contains(cross_distance(64), "--relative-max-distance: has no effect"));
}

TEST_CASE("layer runner: observers see each query of a long sequence once, by its own number") {
    const Files files;
    const Index tokens = 1100;  // more than the runner gives the library at once
    std::vector<float> x(static_cast<std::size_t>(tokens) * 4);
    std::mt19937 random(7);
    for (float& value : x) value = std::uniform_real_distribution<float>(-1, 1)(random);
    write_npy(files.path("x"), Dims{tokens, 4}, x);
    LayerJobOptions options = files.options();
    options.run.causal = true;

    const Safetensors file(options.weights);
    LayerJob job(file, options);
    const auto run = [&](Index chunk, const LayerObservers& observers) {
        LayerSettings settings = job.settings();
        settings.chunk = chunk;
        LayerRunner runner(file, job.weights(), settings, headroom::best_port(), tokens, tokens);
        std::vector<float> y(x.size());
        runner.run(job.sequence(0, y), observers);
        return y;
    };

    struct Seen {
        std::vector<double> sums = std::vector<double>(2 * 1100, 0.0);
        static void receive(void* context, const headroom::WeightsBlock& block) {
            double& sum = static_cast<Seen*>(context)
                              ->sums[static_cast<std::size_t>(2 * block.query + block.head)];
            for (const float value : block.values) sum += value;
        }
    };
    for (const Index chunk : {Index{0}, Index{700}, Index{64}}) {
        Seen seen;
        std::vector<Index> progress;
        const LayerObservers observers{
            .weights = headroom::WeightsCallback{headroom::Stage::softmax, &seen, Seen::receive},
            .progress = [&](Index done) { progress.push_back(done); }};
        CHECK(run(chunk, observers) == run(0, {}));
        for (const double sum : seen.sums) CHECK(sum == doctest::Approx(1.0).epsilon(1e-5));
        CHECK(progress.size() > 1);
        CHECK(progress.back() == tokens);
    }

    std::vector<headroom::HeadStatistics> statistics(2);
    LayerObservers with_statistics;
    with_statistics.statistics = statistics;
    CHECK(run(0, with_statistics) == run(0, {}));
    CHECK(statistics[0].rows == tokens);
    CHECK(statistics[1].rows == tokens);
}

TEST_CASE("layer: T5's buckets are those of its stack, whatever the call lets a token see") {
    const Files files;
    TensorFile stack;
    for (const char* part : {"q", "k", "v", "o"})
        stack.add("encoder.SelfAttention." + std::string(part) + ".weight", {4, 4}, 0.1f);
    stack.add("encoder.SelfAttention.relative_attention_bias.weight", {8, 2});
    stack.write(files.path("stack"));
    LayerJobOptions options = files.options("encoder.SelfAttention");
    options.weights = files.path("stack");
    const headroom::tools::Safetensors file(options.weights);
    std::vector<float> y(6 * 4);
    const auto bias = [&](bool causal) {
        options.run.causal = causal;
        LayerJob job(file, options);
        const auto values = job.sequence(0, y).bias.value().values.data;
        return std::vector<float>(values.begin(), values.end());
    };
    CHECK(bias(true) == bias(false));
}

TEST_CASE("layer: a batch of no sequences is refused, however many tokens each would have") {
    const Files files;
    LayerJobOptions options = files.options();
    options.x = files.raw("none", Dtype::float32, {0, Index{1} << 32, 4}, "");
    const headroom::tools::Safetensors file(options.weights);
    CHECK_THROWS_WITH_AS(LayerJob(file, options), doctest::Contains("none: holds no sequence"),
                         UserError);
}
