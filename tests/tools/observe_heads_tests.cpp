// What is seen of a layer's heads: the weights of a plain formula, and which keys are visible.
#include <doctest.h>

#include "tools/observe_heads.hpp"

#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <headroom/port.hpp>

#include "tools/npy_writer.hpp"
#include "tools/safetensors_file.hpp"
#include "tools/user_error.hpp"

using headroom::Index;
using headroom::test::Folder;
using headroom::test::TensorFile;
using namespace headroom::tools;

namespace {

constexpr Index width = 8, heads = 2, head_dim = width / heads;

std::vector<float> random_values(Index size, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<float> values(static_cast<std::size_t>(size));
    for (float& value : values) value = static_cast<float>(random() % 2001) / 1000.0f - 1.0f;
    return values;
}

class Case {
public:
    Case(const Dims& x_dims, Index context_tokens = 0)
        : weights_(random_values(3 * width * width, 1)), x_(random_values(size_of(x_dims), 2)) {
        TensorFile file;
        file.add("a.in_proj_weight", {3 * width, width}, weights_);
        file.add("a.out_proj.weight", {width, width}, 0.5f);
        file.write(path("weights"));
        write_npy(path("x"), x_dims, x_);
        options.weights = path("weights");
        options.layer = {.prefix = "a", .heads = static_cast<int>(heads)};
        options.x = path("x");
        if (context_tokens == 0) return;
        context_ = random_values(context_tokens * width, 3);
        write_npy(path("context"), {context_tokens, width}, context_);
        options.context = path("context");
    }

    HeadMaps observe(Index sequence = 0) const {
        const Safetensors file(options.weights);
        LayerJob job(file, options);
        LayerRunner runner(file, job.weights(), job.settings(), headroom::best_port(), job.tokens(),
                           job.keys());
        return observe_heads(job, runner, sequence, InterruptWatch());
    }

    // q . k / sqrt(head_dim), in double precision
    double score(Index head, Index query, Index key) const {
        const std::vector<float>& source = context_.empty() ? x_ : context_;
        double sum = 0.0;
        for (Index d = 0; d < head_dim; ++d)
            sum += projected(x_, query, head * head_dim + d) *
                   projected(source, key, width + head * head_dim + d);
        return sum / std::sqrt(static_cast<double>(head_dim));
    }

    std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

    LayerJobOptions options;

private:
    double projected(const std::vector<float>& tokens, Index token, Index row) const {
        double sum = 0.0;
        for (Index i = 0; i < width; ++i)
            sum += static_cast<double>(weights_[static_cast<std::size_t>(row * width + i)]) *
                   static_cast<double>(tokens[static_cast<std::size_t>(token * width + i)]);
        return sum;
    }

    Folder folder_;
    std::vector<float> weights_, x_, context_;
};

using Visible = std::function<bool(Index query, Index key)>;

// All weights and statistics, against the softmax of the case's scores.
void check_maps(const Case& made, const HeadMaps& maps, Index first_token, const Visible& sees) {
    double worst = 0.0;
    Index wrongly_visible = 0;
    for (Index head = 0; head < heads; ++head) {
        double entropy = 0.0;
        Index rows = 0;
        for (Index query = 0; query < maps.queries; ++query) {
            std::vector<double> row;
            double sum = 0.0;
            for (Index key = 0; key < maps.keys; ++key) {
                row.push_back(sees(query, key) ? std::exp(made.score(head, first_token + query,
                                                                     first_token + key))
                                               : 0.0);
                sum += row.back();
            }
            rows += sum > 0.0 ? 1 : 0;
            for (Index key = 0; key < maps.keys; ++key) {
                const float got = maps.map(head)[static_cast<std::size_t>(query * maps.keys + key)];
                wrongly_visible += (got != not_visible) != sees(query, key) ? 1 : 0;
                if (!sees(query, key)) continue;
                const double want = row[static_cast<std::size_t>(key)] / sum;
                worst = std::max(worst, std::abs(static_cast<double>(got) - want));
                entropy -= want * std::log(want);
            }
        }
        const headroom::HeadStatistics& statistics =
            maps.statistics[static_cast<std::size_t>(head)];
        CHECK(statistics.rows == rows);
        CHECK(static_cast<double>(statistics.entropy) ==
              doctest::Approx(entropy / static_cast<double>(rows)).epsilon(1e-5));
        CHECK(maps.map(
                  head)[static_cast<std::size_t>(statistics.query * maps.keys + statistics.key)] ==
              statistics.largest_weight);
    }
    CHECK(worst < 1e-6);
    CHECK(wrongly_visible == 0);
}

}  // namespace

TEST_CASE("observe heads: all tokens see all, over more than one slice of the library") {
    const Case made({150, width});
    const HeadMaps maps = made.observe();
    CHECK(maps.self);
    check_maps(made, maps, 0, [](Index, Index) { return true; });
}

TEST_CASE("observe heads: what causality, a window and a mask hide") {
    Case made({150, width});
    made.options.run.causal = true;
    check_maps(made, made.observe(), 0, [](Index query, Index key) { return key <= query; });
    made.options.run.window_left = 3;
    check_maps(made, made.observe(), 0,
               [](Index query, Index key) { return key <= query && key >= query - 3; });

    Case masked({5, width});
    std::vector<float> mask(25, 0.0f);
    for (const int hidden : {3, 4, 10, 11, 12, 13, 14})
        mask[static_cast<std::size_t>(hidden)] = -std::numeric_limits<float>::infinity();
    write_npy(masked.path("mask"), {5, 5}, mask);
    masked.options.mask = masked.path("mask");
    const HeadMaps maps = masked.observe();  // query 2 sees nothing
    check_maps(masked, maps, 0, [&](Index query, Index key) {
        return mask[static_cast<std::size_t>(query * 5 + key)] == 0.0f;
    });
}

TEST_CASE("observe heads: a context, and one sequence of a batch") {
    const Case cross({7, width}, 11);
    const HeadMaps maps = cross.observe();
    CHECK_FALSE(maps.self);
    CHECK(maps.keys == 11);
    check_maps(cross, maps, 0, [](Index, Index) { return true; });
    const Case batch({3, 6, width});
    check_maps(batch, batch.observe(2), 12, [](Index, Index) { return true; });
}

TEST_CASE("observe heads: what makes no map, or too large a one") {
    const auto refused = [](const Case& made, const std::string& message) {
        CHECK_THROWS_WITH_AS(made.observe(), message.c_str(), UserError);
    };
    const Case empty({0, width});
    refused(empty, empty.path("x") + ": holds no token; 0 queries and 0 keys make no map");
    const Case large({20000, width});
    refused(large, large.path("x") +
                       ": 2 maps of 20000 queries and 20000 keys would be more than 1 GiB of "
                       "weights; give fewer tokens");
}
