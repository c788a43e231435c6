#include "tools/head_summary.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "tools/head_words.hpp"

namespace headroom::tools {
namespace {

// Sums over the queries of one head that see at least two keys.
struct Sums {
    explicit Sums(const HeadMaps& maps)
        : by_offset(static_cast<std::size_t>(maps.queries + maps.keys)),
          by_key(static_cast<std::size_t>(maps.keys)) {}

    struct Seen {
        double weight = 0.0;
        std::int64_t queries = 0;  // that see the key
    };
    std::vector<Seen> by_offset;  // [key - position + the largest position]
    std::vector<Seen> by_key;
    std::int64_t queries = 0;  // that see two keys or more
    std::int64_t seeing = 0;   // that see any
    std::int64_t pairs = 0;    // of a query and a key that it sees
    double inside = 0.0;       // weight of the keys
    double uneven = 0.0;
    double log_visible = 0.0;  // over the queries that see any
    double distance = 0.0;
    double nearby = 0.0;
    double nearby_if_even = 0.0;
    bool not_a_number = false;
    std::optional<LargestWeight> largest;
};

std::int64_t last_position(const HeadMaps& maps) { return maps.first_query + maps.queries - 1; }

struct Row {
    std::span<const float> weights;
    std::int64_t query;
    std::int64_t position;
    std::int64_t visible = 0;
    double inside = 0.0;
};

Row read_row(const HeadMaps& maps, std::int64_t head, std::int64_t query) {
    const auto keys = static_cast<std::size_t>(maps.keys);
    Row row{.weights = maps.map(head).subspan(static_cast<std::size_t>(query) * keys, keys),
            .query = query,
            .position = maps.first_query + query};
    for (const float weight : row.weights) {
        if (weight == not_visible) continue;
        ++row.visible;
        row.inside += static_cast<double>(weight);
    }
    return row;
}

void find_largest(const Row& row, std::optional<LargestWeight>& largest) {
    for (std::size_t key = 0; key < row.weights.size(); ++key) {
        const float weight = row.weights[key];
        if (weight == not_visible || (largest && !(weight > largest->weight))) continue;
        largest = {weight, row.query, static_cast<std::int64_t>(key)};
    }
}

void add_row(const HeadMaps& maps, const Row& row, Sums& sums) {
    const double visible = static_cast<double>(row.visible);
    const double even = row.inside / visible;
    double moved = 0.0;
    for (std::int64_t key = 0; key < maps.keys; ++key) {
        const double weight = static_cast<double>(row.weights[static_cast<std::size_t>(key)]);
        if (row.weights[static_cast<std::size_t>(key)] == not_visible) continue;
        Sums::Seen& by_key = sums.by_key[static_cast<std::size_t>(key)];
        by_key.weight += weight;
        ++by_key.queries;
        moved += std::abs(weight - even) / 2.0;
        if (!maps.self) continue;
        const std::int64_t offset = key - row.position;
        const auto index = offset + last_position(maps);
        Sums::Seen& by_offset = sums.by_offset[static_cast<std::size_t>(index)];
        by_offset.weight += weight;
        ++by_offset.queries;
        sums.distance += weight * static_cast<double>(std::abs(offset));
        if (std::abs(offset) > nearby_tokens) continue;
        sums.nearby += weight;
        sums.nearby_if_even += 1.0 / visible;
    }
    find_largest(row, sums.largest);
    ++sums.queries;
    sums.pairs += row.visible;
    sums.inside += row.inside;
    sums.uneven += row.inside > 0.0 ? moved / row.inside : 0.0;
}

Sums add_up(const HeadMaps& maps, std::int64_t head) {
    Sums sums(maps);
    for (std::int64_t query = 0; query < maps.queries; ++query) {
        const Row row = read_row(maps, head, query);
        if (row.visible == 0) continue;
        ++sums.seeing;
        sums.log_visible += std::log2(static_cast<double>(row.visible));
        sums.not_a_number |= std::isnan(row.inside);
        if (row.visible >= 2) add_row(maps, row, sums);
    }
    return sums;
}

// What gets the largest share of those queries that see it; at least half of them have to.
struct Best {
    std::int64_t index = -1;
    double share = 0.0;
};

Best best_of(const std::vector<Sums::Seen>& aims, std::int64_t queries) {
    Best best;
    for (std::size_t i = 0; i < aims.size(); ++i) {
        if (2 * aims[i].queries < queries || aims[i].queries == 0) continue;
        const double share = aims[i].weight / static_cast<double>(aims[i].queries);
        if (share > best.share) best = {static_cast<std::int64_t>(i), share};
    }
    return best;
}

// The key that queries rest on. The first one is where attention is known to go when there is
// nothing to look for; of any other, one or two queries may be looking for it.
Best find_rest(const Sums& sums) {
    const Best key = best_of(sums.by_key, sums.queries);
    const auto seen_by = [&](std::int64_t index) {
        return sums.by_key[static_cast<std::size_t>(index)].queries;
    };
    if (key.index > 0 && seen_by(key.index) >= rest_queries) return key;
    if (2 * seen_by(0) < sums.queries || seen_by(0) == 0) return {};
    return {0, sums.by_key[0].weight / static_cast<double>(seen_by(0))};
}

void find_aim(const HeadMaps& maps, const Sums& sums, HeadSummary& head) {
    // Two queries cannot tell a distance from a place.
    const Best offset =
        maps.self && sums.queries > 2 ? best_of(sums.by_offset, sums.queries) : Best{};
    const Best key = best_of(sums.by_key, sums.queries);
    const bool moves = offset.share >= key.share;
    head.aim_share = std::max(offset.share, key.share);
    if (head.aim_share < aim_limit &&
        (head.aim_share < lean_limit || head.aim_share * head.visible < lean_lift))
        return;
    head.aim = moves ? Aim::offset : Aim::fixed;
    head.offset = moves ? offset.index - last_position(maps) : 0;
    head.key = moves ? 0 : key.index;
}

void find_pattern(const HeadMaps& maps, const Sums& sums, HeadSummary& head) {
    const Best rest = find_rest(sums);
    const auto is = [&head](Pattern pattern, double share, bool idle = false) {
        head.pattern = pattern;
        head.share = share;
        head.idle = idle;
    };
    const double queries = static_cast<double>(sums.queries);
    const double effective = std::exp2(head.entropy);

    if (sums.seeing == 0) return is(Pattern::nothing, 0.0);
    if (sums.not_a_number) return is(Pattern::not_a_number, 0.0);
    if (sums.queries == 0) return is(Pattern::one_key, 1.0);
    if (head.outside >= rest_limit) return is(Pattern::outside, head.outside, true);
    if (head.uneven <= even_limit) return is(Pattern::even, 1.0 - head.uneven, true);
    if (rest.share >= rest_limit) {
        head.key = rest.index;
        return is(Pattern::rests, rest.share, true);
    }
    find_aim(maps, sums, head);
    if (head.aim_share >= aim_limit)
        return is(head.aim == Aim::offset ? Pattern::offset : Pattern::fixed, head.aim_share);
    if (sums.nearby >= nearby_limit * queries && sums.nearby_if_even <= nearby_chance * queries)
        return is(Pattern::nearby, sums.nearby / queries);
    if (effective <= few_limit * head.visible) return is(Pattern::few, effective);
    is(Pattern::broad, effective);
}

HeadSummary summarise_head(const HeadMaps& maps, std::int64_t index) {
    const Sums sums = add_up(maps, index);
    HeadSummary head;
    const HeadStatistics& statistics = maps.statistics[static_cast<std::size_t>(index)];
    head.entropy = static_cast<double>(statistics.entropy) / std::log(2.0);
    if (sums.seeing > 0) head.most_entropy = sums.log_visible / static_cast<double>(sums.seeing);
    if (sums.queries > 0) {
        const double queries = static_cast<double>(sums.queries);
        head.visible = static_cast<double>(sums.pairs) / queries;
        head.uneven = sums.uneven / queries;
        head.outside = std::max(0.0, 1.0 - sums.inside / queries);
        if (maps.self && sums.inside > 0.0) head.distance = sums.distance / sums.inside;
    }
    if (!sums.not_a_number) head.largest = sums.largest;
    find_pattern(maps, sums, head);
    head.group = pattern_name(head, maps.key_labels);
    head.detail = pattern_detail(head);
    return head;
}

}  // namespace

std::vector<HeadSummary> summarise(const HeadMaps& maps) {
    std::vector<HeadSummary> heads;
    for (std::int64_t head = 0; head < maps.heads; ++head)
        heads.push_back(summarise_head(maps, head));
    return heads;
}

}  // namespace headroom::tools
