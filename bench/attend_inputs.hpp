// What a call of attend() works on, for all benchmarks: tensors [heads][tokens][width], scratch,
// and a cache that holds the same keys and values.
#pragma once

#include "bench/buffer.hpp"
#include "bench/case.hpp"

#include <headroom/headroom.hpp>

namespace bench {

struct AttendInputs {
    explicit AttendInputs(const Shape& shape, int workers = 1);

    headroom::ConstTensor query() const;
    headroom::ConstTensor key() const { return of_keys(keys); }
    headroom::ConstTensor value() const { return of_keys(values); }
    headroom::Tensor out();

    // Elements of the queries, and of the output.
    std::size_t row_floats() const { return product(shape.heads, shape.tokens, shape.width); }
    std::size_t scratch_bytes() const;
    float scale() const;

    // All keys, or those of this call alone: of the last tokens.
    headroom::ConstTensor of_keys(const Buffer& all) const;
    headroom::ConstTensor of_new_keys(const Buffer& all) const;

    // The same task for others; `out` is as long as our output.
    AttendTask task(float* to) const;

    const Shape shape;
    const int workers;
    Buffer queries;  // and some more, which a yardstick may read
    Buffer keys, values, outputs, scratch;
};

// A cache of a shape's keys and values, full.
struct FullCache {
    explicit FullCache(const AttendInputs& inputs);

    static headroom::CacheShape shape_of(const Shape& shape);

    headroom::KvCache cache;
    Buffer state;
};

}  // namespace bench
