#include "tools/observe_heads.hpp"

#include <limits>
#include <string>

#include "tools/names.hpp"
#include "tools/progress.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

constexpr std::int64_t most_weights = std::int64_t{1} << 28;

float* weights_of(HeadMaps& maps, const WeightsBlock& block) {
    const auto row = static_cast<std::int64_t>(block.head) * maps.queries + block.query;
    return maps.weights.data() + row * maps.keys + block.first_key;
}

// Of the scores with all masks: marks what is masked, and what the call never comes to.
void mark_visible(void* context, const WeightsBlock& block) {
    float* weights = weights_of(*static_cast<HeadMaps*>(context), block);
    for (const float score : block.values)
        *weights++ = score == -std::numeric_limits<float>::infinity() ? not_visible : 0.0f;
}

void keep_weights(void* context, const WeightsBlock& block) {
    float* weights = weights_of(*static_cast<HeadMaps*>(context), block);
    for (const float weight : block.values) {
        if (*weights != not_visible) *weights = weight;
        ++weights;
    }
}

HeadMaps empty_maps(const LayerJob& job, const Shape& shape) {
    HeadMaps maps;
    maps.heads = shape.heads;
    maps.queries = job.tokens();
    maps.keys = job.keys();
    maps.self = job.self();
    const std::string size =
        counted(maps.queries, "query", "queries") + " and " + counted(maps.keys, "key");
    if (maps.queries == 0 || maps.keys == 0) {
        throw UserError((maps.queries == 0 ? job.query_name() : job.key_name()) +
                        ": holds no token; " + size + " make no map");
    }
    if (maps.queries > most_weights / maps.keys / maps.heads) {
        const std::string& longer = maps.keys > maps.queries ? job.key_name() : job.query_name();
        throw UserError(longer + ": " + counted(maps.heads, "map") + " of " + size +
                        " would be more than 1 GiB of weights; give fewer tokens");
    }
    maps.weights.assign(static_cast<std::size_t>(maps.heads * maps.queries * maps.keys),
                        not_visible);
    maps.statistics.resize(static_cast<std::size_t>(maps.heads));
    return maps;
}

}  // namespace

HeadMaps observe_heads(LayerJob& job, LayerRunner& runner, Index sequence,
                       const InterruptWatch& watch) {
    HeadMaps maps = empty_maps(job, runner.shape());
    std::vector<float> y(static_cast<std::size_t>(job.tokens() * runner.shape().output_dim));
    Progress progress("heads", 2.0 * static_cast<double>(job.tokens()));
    Index before = 0;  // tokens of the run that is over
    LayerObservers observers;
    observers.progress = [&](Index tokens) {
        progress.reach(static_cast<double>(before + tokens));
        watch.throw_if_interrupted();
    };
    observers.weights = {Stage::bias, &maps, mark_visible};
    runner.run(job.sequence(sequence, y), observers);
    before = job.tokens();
    observers.weights = {Stage::softmax, &maps, keep_weights};
    observers.statistics = maps.statistics;
    runner.run(job.sequence(sequence, y), observers);
    return maps;
}

}  // namespace headroom::tools
