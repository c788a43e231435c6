#include "tools/weights_collector.hpp"

#include <algorithm>
#include <limits>

namespace headroom::tools {

WeightsCollector::WeightsCollector(Index batches, Index heads, Index queries, Index keys)
    : dims_{batches, heads, queries, keys},
      values_(static_cast<std::size_t>(size_of(dims_)), std::numeric_limits<float>::quiet_NaN()) {}

WeightsCallback WeightsCollector::callback(Stage stage) { return {stage, this, receive}; }

void WeightsCollector::receive(void* context, const WeightsBlock& block) {
    auto& to = *static_cast<WeightsCollector*>(context);
    const Index row =
        ((to.first_batch_ + block.batch) * to.dims_[1] + block.head) * to.dims_[2] + block.query;
    const Index start = row * to.dims_[3] + static_cast<Index>(block.first_key);
    const auto count = static_cast<Index>(block.values.size());
    // The library calls back through noexcept functions: a wrong place cannot be thrown, but what
    // it should have filled stays NaN.
    if (block.first_key < 0 || block.first_key + count > to.dims_[3]) return;
    if (start < 0 || start + count > static_cast<Index>(to.values_.size())) return;
    std::copy(block.values.begin(), block.values.end(), to.values_.begin() + start);
}

}  // namespace headroom::tools
