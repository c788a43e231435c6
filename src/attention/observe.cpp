// Weights and statistics: a head at a time, its queries in order, so that sums over queries do not
// depend on tiles.
#include "attention/plan.hpp"
#include "attention/real.hpp"

namespace headroom::detail {
namespace {

struct Observation {
    const Plan& plan;
    Observer observer;
    void (*rows)(
        const Tile& tile) noexcept;  // after all blocks of a tile; null if nothing is left to do
};

void observe_one_head(void* argument, int index, int worker) noexcept {
    const auto& o = *static_cast<const Observation*>(argument);
    const Plan& plan = o.plan;
    const Index heads = plan.call.query.heads, batch = index / heads, head = index % heads;
    Tile tile = tile_of(plan, worker);
    tile.observer = &o.observer;
    place_source(tile, plan, batch, head / plan.group);
    for (Index query = 0; query < plan.call.query.tokens; query += tile.lanes) {
        const Index queries = smaller(tile.lanes, plan.call.query.tokens - query);
        place_rows(tile, plan.call, {head, 1, query, queries}, false);
        if (tile.count == 0) return;
        plan.call.features.observe_tile(tile);
        if (o.rows != nullptr) o.rows(tile);
    }
}

void observe_heads(const AttendCall& call, Stage stage,
                   void (*block)(const Tile&, const Scores&) noexcept,
                   void (*rows)(const Tile&) noexcept) noexcept {
    if (call.query.tokens == 0) return;
    const Plan plan(call);
    CacheTokens tokens{};
    if (call.cache != nullptr) tokens = call.cache.code().tokens(*call.cache);
    Observation observation{plan, {call, stage, block, tokens.lost_begin, tokens.lost_end}, rows};
    run_tasks(call.features.executor, static_cast<int>(call.query.batches * call.query.heads),
              observe_one_head, &observation);
}

// Rows of a block lie across the lanes; the caller gets each as contiguous keys.
void show_block(const Tile& tile, const Scores& scores) noexcept {
    const WeightsCallback& to = *tile.features->weights;
    for (int i = 0; i < scores.rows; ++i) {
        alignas(64) float row[kBlock];
        for (int j = scores.begin; j < scores.end; ++j) {
            row[j] = scores.data[i * scores.row_stride + j * scores.key_stride];
        }
        const TileRow& at = tile.rows[scores.first_row + i];
        to.receive(to.context, {tile.batch, at.head, at.index, scores.first_key,
                                std::span<const float>(row, static_cast<std::size_t>(scores.end))});
    }
}

HeadStatistics& statistics_of(const Tile& tile, const TileRow& row) noexcept {
    const AttendCall& call = tile.observer->call;
    const Index at = tile.batch * call.query.heads + row.head;
    return call.features.statistics->heads[static_cast<std::size_t>(at)];
}

void note_largest(const Tile& tile, const Scores& scores) noexcept {
    for (int i = 0; i < scores.rows; ++i) {
        const TileRow& row = tile.rows[scores.first_row + i];
        HeadStatistics& head = statistics_of(tile, row);
        for (int j = scores.begin; j < scores.end; ++j) {
            const float w = scores.data[i * scores.row_stride + j * scores.key_stride];
            // Blocks of one tile come before those of the next, but a tile's rows come together: of
            // equal weights the first query wins, then the lowest key.
            // NaN is larger than any number, and all NaN are equal.
            const bool nan = w != w, was_nan = head.largest_weight != head.largest_weight;
            const bool equal = (nan && was_nan) || (w == head.largest_weight && w > 0.0f);
            const bool larger_weight = w > head.largest_weight || (nan && !was_nan);
            if (larger_weight || (equal && row.index < head.query)) {
                head.largest_weight = w;
                head.query = row.index;
                head.key = scores.first_key + j;
            }
        }
    }
}

// H = ln l - (sum of p (s - m)) / l, with weights p / l.
void note_entropy(const Tile& tile) noexcept {
    for (int i = 0; i < tile.count; ++i) {
        const double sum = static_cast<double>(tile.alpha[i]);
        if (sum == 0.0) continue;
        HeadStatistics& head = statistics_of(tile, tile.rows[i]);
        const double entropy = natural_log(sum) - static_cast<double>(tile.entropy[i]) / sum;
        ++head.rows;
        // A rounding error may leave a row with one visible key just below zero.
        head.entropy +=
            sum == sum ? static_cast<float>(entropy < 0.0 ? 0.0 : entropy) : tile.alpha[i];
    }
}

}  // namespace

void observe_weights(const AttendCall& call) noexcept {
    observe_heads(call, call.features.weights->stage, show_block, nullptr);
}

void observe_statistics(const AttendCall& call) noexcept {
    const auto heads = call.features.statistics->heads;
    if (call.first_slice) {
        for (HeadStatistics& head : heads) head = {};
    }
    observe_heads(call, Stage::softmax, note_largest, note_entropy);
    if (!call.last_slice) return;
    for (HeadStatistics& head : heads) {
        if (head.rows > 0) head.entropy /= static_cast<float>(head.rows);
    }
}

}  // namespace headroom::detail
