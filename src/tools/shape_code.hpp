// A shape in words of a program, and sizes in words for people.
#pragma once

#include <cstdint>
#include <string>

#include <headroom/shape.hpp>

namespace headroom::tools {

/// "{.model_dim = 64, .heads = 8}": the shape as a program would write it, without what follows
/// from the rest.
std::string shape_code(const Shape& resolved_shape);

/// 131136 as "131,136".
std::string with_commas(std::uint64_t n);

}  // namespace headroom::tools
