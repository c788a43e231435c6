// Packing weights and recognising a packed blob.
#include "c/convert.hpp"

using namespace headroom;
using namespace headroom::c;

hr_result hr_pack_weights(const hr_shape* shape, const hr_tensors* tensors, hr_memory blob) {
    if (shape == nullptr) return result_of(Status::bad_shape, 1);
    if (tensors == nullptr) return result_of(Status::bad_shape, 2);
    const LayerTensors given{.query_weight = span_of(tensors->query_weight),
                             .key_weight = span_of(tensors->key_weight),
                             .value_weight = span_of(tensors->value_weight),
                             .output_weight = span_of(tensors->output_weight),
                             .query_bias = span_of(tensors->query_bias),
                             .key_bias = span_of(tensors->key_bias),
                             .value_bias = span_of(tensors->value_bias),
                             .output_bias = span_of(tensors->output_bias),
                             .extra_key = span_of(tensors->extra_key),
                             .extra_value = span_of(tensors->extra_value)};
    return result_of(pack_weights(shape_of(*shape), given, bytes_of(blob)));
}

hr_result hr_check_weights(const hr_shape* shape, hr_const_memory blob) {
    if (shape == nullptr) return result_of(Status::bad_shape, 1);
    return result_of(check_weights(shape_of(*shape), bytes_of(blob)));
}
