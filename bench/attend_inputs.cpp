#include "bench/attend_inputs.hpp"

#include <cmath>

namespace bench {

using headroom::head_major;

AttendInputs::AttendInputs(const Shape& s, int for_workers)
    : shape(s),
      workers(for_workers),
      queries(row_floats() + 1024),
      keys(product(s.kv_heads, s.keys, s.width)),
      values(keys.floats().size()),
      outputs(row_floats()),
      scratch(bytes_of(scratch_bytes())) {
    const unsigned seed = s.has_cache() ? 4 : 1;
    queries.fill(seed, 2.0f);
    keys.fill(seed + 1, 1.0f);
    values.fill(seed + 2, 1.0f);
}

headroom::ConstTensor AttendInputs::query() const {
    return head_major(queries.floats().first(row_floats()), shape.heads, shape.tokens, shape.width);
}

headroom::Tensor AttendInputs::out() {
    return head_major(outputs.floats(), shape.heads, shape.tokens, shape.width);
}

headroom::ConstTensor AttendInputs::of_keys(const Buffer& all) const {
    return head_major(all.floats(), shape.kv_heads, shape.keys, shape.width);
}

headroom::ConstTensor AttendInputs::of_new_keys(const Buffer& all) const {
    headroom::ConstTensor view = of_keys(all);
    view.data = view.data.subspan(product(shape.position(), shape.width));
    view.tokens = shape.tokens;
    return view;
}

std::size_t AttendInputs::scratch_bytes() const {
    return headroom::scratch_bytes({.max_queries = shape.tokens,
                                    .heads = shape.heads,
                                    .kv_heads = shape.kv_heads,
                                    .key_width = shape.width,
                                    .value_width = shape.width},
                                   workers);
}

float AttendInputs::scale() const { return 1.0f / std::sqrt(static_cast<float>(shape.width)); }

AttendTask AttendInputs::task(float* to) const {
    return {shape.heads,    shape.kv_heads, shape.width,       shape.tokens,
            shape.keys,     shape.causal,   shape.has_cache(), scale(),
            queries.data(), keys.data(),    values.data(),     to};
}

FullCache::FullCache(const AttendInputs& inputs)
    : state(bytes_of(headroom::state_bytes(shape_of(inputs.shape)))) {
    expect_ok(cache.open(shape_of(inputs.shape), state.bytes()), inputs.shape.name);
    expect_ok(cache.append(inputs.key(), inputs.value()), inputs.shape.name);
}

headroom::CacheShape FullCache::shape_of(const Shape& shape) {
    return {.kv_heads = shape.kv_heads,
            .key_width = shape.width,
            .value_width = shape.width,
            .max_keys = shape.keys};
}

}  // namespace bench
