// What `headroom layer` and `headroom heads` do behind the parsers: a safetensors file, options and
// arrays of any shape are refused in one line, or the layer computes and every output is written.
//
// An input is a head of fixed length (the options and the arrays' shapes), then the file. The
// arrays mostly fit the layer: what does not is refused early, and few inputs would get further.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "fuzz/arrays.hpp"
#include "fuzz/input.hpp"
#include "tools/head_verdict.hpp"
#include "tools/heads_page.hpp"
#include "tools/heads_text.hpp"
#include "tools/interrupt.hpp"
#include "tools/layer_job.hpp"
#include "tools/observe_heads.hpp"
#include "tools/user_error.hpp"

namespace {

using namespace headroom;
using namespace headroom::tools;
using namespace headroom::fuzz;

LayerRunOptions run_options(Input& input) {
    constexpr double infinite = std::numeric_limits<double>::infinity();
    LayerRunOptions run;
    run.causal = maybe(input, {false, true});
    run.scale = maybe(input, {1.0f, -0.5f, 0.0f, 3e38f, std::nanf("")});
    run.window_left =
        maybe(input, {std::int64_t{0}, std::int64_t{2}, std::int64_t{1} << 40}).value_or(-1);
    run.window_right =
        maybe(input, {std::int64_t{0}, std::int64_t{2}, std::int64_t{1} << 40}).value_or(-1);
    run.sink_tokens = maybe(input, {std::int64_t{1}, std::int64_t{1} << 40}).value_or(0);
    run.zero_key = input.choice(4) == 0;
    run.largest_distance = maybe(input, {1, 3, 17, 1 << 30});
    run.chunk = maybe(input, {Index{1}, Index{3}, Index{1} << 40}).value_or(0);

    RotaryOptions& rotary = run.rotary;
    rotary.pairs = maybe(input, {RotaryPairs::halves, RotaryPairs::interleaved});
    rotary.off = input.choice(4) == 0;
    rotary.dim = maybe(input, {1, 2, 4, 65536});
    rotary.base = maybe(input, {1.0, 2.0, 1e100, infinite});
    rotary.scaling = maybe(input, {RotaryScaling::none, RotaryScaling::linear, RotaryScaling::ntk,
                                   RotaryScaling::yarn});
    rotary.factor = maybe(input, {1.0, 4.0, 1e9});
    rotary.original_positions =
        maybe(input, {std::int64_t{0}, std::int64_t{64}, std::int64_t{1} << 62});
    rotary.beta_fast = maybe(input, {0.5, 40.0, infinite});
    rotary.beta_slow = maybe(input, {0.0, 0.1, 40.0});
    rotary.attention_factor = maybe(input, {0.0, 2.0, -1.0, 1e9});
    return run;
}

LayerJobOptions job_options(Input& input) {
    LayerJobOptions options;
    options.layer.heads = maybe(input, {1, 2, 3, 4096}).value_or(0);
    options.layer.kv_heads = maybe(input, {1, 2}).value_or(0);
    options.layer.head_dim = maybe(input, {1, 2, 4}).value_or(0);
    options.layer.value_dim = maybe(input, {1, 2}).value_or(0);
    options.run = run_options(input);
    options.mask_may_hide_all = input.choice(2) == 1;
    return options;
}

// Draws the shapes of one job's arrays.
class Draw {
public:
    explicit Draw(Input& input) {
        batches_ = static_cast<Index>(input.choice(3));
        tokens_ = static_cast<Index>(input.choice(7));
        keys_ = static_cast<Index>(input.choice(7));
        context_ = input.choice(2) == 1;
        values_ = input.choice(2) == 1;
        kind_ = input.take<std::uint8_t>();
        for (Index& n : mask_) n = static_cast<Index>(input.choice(8));
        rank_ = input.choice(12);
        for (std::uint8_t& pattern : patterns_) pattern = input.take<std::uint8_t>();
        valid_ = input.choice(4);
    }

    LayerArrays arrays(const LayerParts& parts, Arrays& to) {
        LayerArrays all;
        all.x = tokens(to, "x", tokens_, parts.query.columns, 0);
        if (context_) {
            all.context = tokens(to, "context", keys_, parts.key.columns, 1);
            if (values_) all.context_values = tokens(to, "values", keys_, parts.value.columns, 2);
        } else {
            keys_ = tokens_;
        }
        all.mask = mask(to);
        if (valid_ == 1) all.valid_keys = to.add("lengths", Dtype::int64, {batches_}, patterns_[4]);
        if (valid_ == 2) all.valid_keys = to.add("lengths", Dtype::int64, {batches_ + 1}, 0);
        return all;
    }

private:
    const NpyArray* tokens(Arrays& to, const char* name, Index count, std::int64_t width,
                           std::size_t which) {
        static constexpr std::array types{Dtype::float32, Dtype::float16, Dtype::float64};
        const std::uint8_t pattern = patterns_[which];
        Dims dims = {batches_, count, width};
        if (kind_ % 4 == 0) dims.erase(dims.begin());  // one sequence
        if (pattern == 250) dims[dims.size() - 2] += 1;
        if (pattern == 251) dims.front() = 0;
        if (pattern == 252) dims.front() -= dims.front() > 0 ? 1 : 0;
        if (pattern == 255) dims.back() += 1;
        if (pattern == 254) dims.pop_back();
        return to.add(name, pattern == 253 ? Dtype::int64 : types[pattern / 8 % types.size()], dims,
                      pattern);
    }

    // Each dimension is 1, as long as it should be, or something else.
    const NpyArray* mask(Arrays& to) {
        if (rank_ > 5) return nullptr;
        Dims dims = {1, batches_, mask_[4], tokens_, keys_};
        for (std::size_t i = 0; i < dims.size(); ++i) {
            if (mask_[i] < 3) dims[i] = 1;
            if (mask_[i] == 7) dims[i] += 1;
        }
        dims.erase(dims.begin(), dims.end() - static_cast<std::ptrdiff_t>(rank_));
        static constexpr std::array types{Dtype::boolean, Dtype::float32, Dtype::boolean,
                                          Dtype::float64, Dtype::boolean, Dtype::int64};
        return to.add("mask", types[patterns_[3] / 8 % types.size()], dims, patterns_[3]);
    }

    Index batches_, tokens_, keys_;
    bool context_, values_;
    std::uint8_t kind_;
    std::array<Index, 5> mask_{};
    std::size_t rank_, valid_;
    std::array<std::uint8_t, 5> patterns_{};
};

std::vector<float> outputs(const Safetensors& file, LayerJob& job, const LayerSettings& settings) {
    constexpr std::uint32_t unwritten = 0x7fc12345u;
    LayerRunner runner(file, job.weights(), settings, best_port(), job.tokens(), job.keys());
    const auto size = static_cast<std::size_t>(job.tokens() * runner.shape().output_dim);
    std::vector<float> all;
    for (Index batch = 0; batch < job.batches(); ++batch) {
        std::vector<float> y(size, std::bit_cast<float>(unwritten));
        // What the job accepts the library must not refuse: its message would name no file.
        try {
            runner.run(job.sequence(batch, y));
        } catch (const UserError& error) {
            require(false, error.what());
        }
        for (const float value : y)
            require(std::bit_cast<std::uint32_t>(value) != unwritten, "every output is written");
        all.insert(all.end(), y.begin(), y.end());
    }
    return all;
}

// The page takes longer than all else, so few inputs make one.
void look_at_heads(const Safetensors& file, LayerJob& job, bool with_page) {
    LayerRunner runner(file, job.weights(), job.settings(), best_port(), job.tokens(), job.keys());
    const HeadMaps maps = observe_heads(job, runner, 0, InterruptWatch());
    const std::vector<HeadSummary> heads = summarise(maps);
    require_line(verdict(heads));
    require(!heads_text(maps, heads, true).empty(), "heads have a text");
    if (with_page) require(!heads_page(maps, heads, "layer", "size").empty(), "and a page");
}

void run(const Safetensors& file, const LayerJobOptions& options, const LayerArrays& arrays,
         bool with_page) {
    LayerJob job(file, options, arrays);
    for (const std::string& line : job.remarks().warnings) require_line(line);
    for (const std::string& line : job.remarks().notes) require_line(line);
    for (const std::string& line : settings_text(options.run, job.settings(), job.weights()))
        require_line(line);
    require_line(reading_text(job.weights(), job.weights().shape));
    LayerSettings whole = job.settings();
    whole.chunk = 0;
    const std::vector<float> y = outputs(file, job, whole);
    if (options.run.chunk == 0) return look_at_heads(file, job, with_page);
    const std::vector<float> pieces = outputs(file, job, job.settings());
    require(y.size() == pieces.size() && std::equal(y.begin(), y.end(), pieces.begin(), same_bits),
            "pieces have the bits of the whole");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    LayerJobOptions options = job_options(input);
    Draw draw(input);
    const std::size_t which = input.take<std::uint8_t>();
    try {
        const Safetensors file(input.rest(), "input");
        const auto prefixes = layer_prefixes(file);
        if (prefixes.empty()) return 0;
        auto prefix = prefixes.begin();
        std::advance(prefix, which % prefixes.size());
        options.layer.prefix = *prefix;
        Arrays memory;
        run(file, options, draw.arrays(find_layer(file, *prefix), memory), which >= 240);
    } catch (const UserError& error) {
        require_line(error.what());
    } catch (const Interrupted& interrupted) {  // the fuzzer itself is asked to end
        end_by(interrupted);
    }
    return 0;
}
