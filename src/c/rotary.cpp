// Rotary embedding: tables, and the rotation of tensors.
#include "c/convert.hpp"

using namespace headroom;
using namespace headroom::c;

size_t hr_rotary_table_size(int dim, int64_t positions) {
    return rotary_table_size(dim, positions);
}

hr_result hr_build_rotary(const hr_rotary_parameters* parameters, int64_t first_position,
                          int64_t positions, float* cos, float* sin, size_t count) {
    if (parameters == nullptr) return result_of(Status::bad_value, 1);
    return result_of(build_rotary(parameters_of(*parameters), first_position, positions,
                                  span_of(cos, count), span_of(sin, count)));
}

hr_result hr_rotate(const hr_port* port, hr_const_tensor in, hr_tensor out,
                    const hr_rotary_tables* tables, const int64_t* positions, size_t count) {
    if (port == nullptr) return result_of(Status::unsupported_port, 1);
    if (tables == nullptr) return result_of(Status::bad_shape, 4);
    if (!known_pairs(tables->pairs)) return result_of(Status::bad_value, 4);
    return result_of(rotate(*port_of(port), tensor_of(in), tensor_of(out), tables_of(*tables),
                            span_of(positions, count)));
}
