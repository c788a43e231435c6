// The inputs of a torch.nn.MultiheadAttention case, as the library takes them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <headroom/features.hpp>
#include <headroom/shape.hpp>
#include <headroom/tensor.hpp>
#include <headroom/weights.hpp>

#include "conformance/test_case.hpp"
#include "support/memory.hpp"

namespace headroom::conformance {

/// Where a token of a sequence lies in [B][T][E] (batch_first), [T][B][E], or [T][E] (unbatched).
struct TokenLayout {
    bool batch_first = false;
    bool unbatched = false;

    Index batches(const Array& array) const {
        return unbatched ? 1 : array.dims[batch_first ? 0 : 1];
    }
    Index tokens(const Array& array) const { return array.dims[batch_first && !unbatched ? 1 : 0]; }

    /// The tokens of one sequence, in place. `values` has the elements of `array`.
    template <class T>
    BasicRows<T> rows(const Array& array, std::span<T> values, Index batch) const {
        const Index width = array.dims.back();
        const Index start = unbatched ? 0 : batch * width * (batch_first ? tokens(array) : 1);
        const auto skip = std::min(static_cast<std::size_t>(start), values.size());
        const Index stride = width * (batch_first || unbatched ? 1 : batches(array));
        return {values.subspan(skip), tokens(array), width, stride};
    }
};

/// The layout of a case; throws Failure if a token array has the wrong number of dimensions.
TokenLayout layout_of(const TestCase& test);

/// The layer's shape: its cache holds the case's keys, its scratch half of the case's queries, so
/// that a call runs in slices.
Shape shape_of(const TestCase& test, const TokenLayout& layout);

/// The case's weights as pack_weights() packs them.
test::Arena packed_weights(const TestCase& test, const Shape& shape);

/// key_padding_mask and attn_mask of either type in one: what is added, and what may be seen.
class TorchMasks {
public:
    TorchMasks(const TestCase& test, Index batches, Index heads, Index queries, Index keys);

    /// Of one sequence; empty if no mask of the case is of that type. Refer to this object.
    std::optional<ScoreBias> bias(Index batch) const;
    std::optional<BoolMask> visible(Index batch) const;

    /// Whether every key of a row is masked.
    bool is_empty(Index batch, Index head, Index query) const;

private:
    std::size_t place(Index batch, Index head, Index query) const;
    std::size_t sequence_size() const;
    void include(const Array& mask, Index batch_stride, Index head_stride, Index query_stride);

    Index batches_, heads_, queries_, keys_;
    std::vector<float> bias_;          // [batches][heads][queries][keys], or empty
    std::unique_ptr<bool[]> visible_;  // likewise, or null
};

}  // namespace headroom::conformance
