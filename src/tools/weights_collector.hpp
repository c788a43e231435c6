// What a WeightsCallback shows, put together.
#pragma once

#include <vector>

#include <headroom/features.hpp>

#include "tools/dims.hpp"

namespace headroom::tools {

/// [batches][heads][queries][keys]. What is not shown stays NaN.
class WeightsCollector {
public:
    WeightsCollector(Index batches, Index heads, Index queries, Index keys);

    /// Refers to this object.
    WeightsCallback callback(Stage stage);

    /// Where a layer's calls, one sequence each, write: added to the batch that the library names.
    void set_batch(Index batch) { first_batch_ = batch; }

    std::vector<float>& values() { return values_; }
    const std::vector<float>& values() const { return values_; }
    const Dims& dims() const { return dims_; }

private:
    static void receive(void* context, const WeightsBlock& block);

    Dims dims_;
    std::vector<float> values_;
    Index first_batch_ = 0;
};

}  // namespace headroom::tools
