#include "tools/relative_bias.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>

namespace headroom::tools {

int relative_bucket(const RelativeBuckets& b, std::int64_t query, std::int64_t key) {
    int buckets = b.buckets, first = 0;
    std::int64_t distance = query - key;
    if (!b.causal) {
        buckets /= 2;
        if (distance < 0) first = buckets;
        distance = std::abs(distance);
    }
    if (distance < 0) distance = 0;

    const int exact = buckets / 2;  // one bucket for each distance below this
    if (distance < exact) return first + static_cast<int>(distance);

    // The others grow by a constant factor. In single precision, as the models compute it: where a
    // range ends at a power of two, the quotient is a whole number but for its rounding.
    const float ratio = std::log(static_cast<float>(distance) / static_cast<float>(exact));
    const auto span = static_cast<float>(
        std::log(static_cast<double>(b.largest_distance) / static_cast<double>(exact)));
    const float more = ratio / span * static_cast<float>(buckets - exact);
    const float last = static_cast<float>(buckets - 1 - exact);
    return first + exact + static_cast<int>(std::min(more, last));
}

std::vector<float> score_bias(const RelativeBias& table, const RelativeBuckets& buckets,
                              std::int64_t queries, std::int64_t keys) {
    const auto heads = static_cast<std::size_t>(table.heads);
    const auto rows = static_cast<std::size_t>(queries), columns = static_cast<std::size_t>(keys);
    if (columns != 0 && rows > std::vector<float>().max_size() / columns / heads)
        throw std::length_error("a bias for each head, query and key");
    std::vector<float> bias(heads * rows * columns);
    for (std::size_t query = 0; query < rows; ++query)
        for (std::size_t key = 0; key < columns; ++key) {
            const int bucket = relative_bucket(buckets, static_cast<std::int64_t>(query),
                                               static_cast<std::int64_t>(key));
            for (std::size_t head = 0; head < heads; ++head) {
                bias[(head * rows + query) * columns + key] =
                    table.values[static_cast<std::size_t>(bucket) * heads + head];
            }
        }
    return bias;
}

}  // namespace headroom::tools
