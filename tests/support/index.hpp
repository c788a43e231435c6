// Positions have 64 bits everywhere; a tensor's Index has as many as a pointer.
#pragma once

#include <cstdint>

#include <headroom/tensor.hpp>

namespace headroom::test {

/// A number of tokens of a test, which is never beyond any Index.
inline Index index_of(std::int64_t count) { return static_cast<Index>(count); }

}  // namespace headroom::test
