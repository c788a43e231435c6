// The sizes as functions; that the macros of sizes.h give the same is what the tests show.
#include "c/convert.hpp"

using headroom::c::shape_of;

bool hr_shape_valid(const hr_shape* shape) {
    return shape != nullptr && headroom::valid(shape_of(*shape));
}

size_t hr_state_bytes(const hr_shape* shape) {
    return shape == nullptr ? 0 : headroom::state_bytes(shape_of(*shape));
}

size_t hr_scratch_bytes(const hr_shape* shape, int workers) {
    return shape == nullptr ? 0 : headroom::scratch_bytes(shape_of(*shape), workers);
}

size_t hr_weights_bytes(const hr_shape* shape) {
    return shape == nullptr ? 0 : headroom::weights_bytes(shape_of(*shape));
}

size_t hr_cache_bytes(const hr_cache_shape* shape) {
    return shape == nullptr ? 0 : headroom::state_bytes(shape_of(*shape));
}

size_t hr_attend_scratch_bytes(ptrdiff_t max_queries, ptrdiff_t heads, ptrdiff_t kv_heads,
                               ptrdiff_t key_width, int workers) {
    return headroom::scratch_bytes(
        headroom::AttendShape{max_queries, heads, kv_heads, key_width, 1}, workers);
}
