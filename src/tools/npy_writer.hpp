// Writing .npy files.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "tools/npy.hpp"

namespace headroom::tools {

/// The header of a file of format 1.0, its length a multiple of 64, so that the data behind it are
/// aligned where the file is mapped. For more than some thousand dimensions it would be too long.
std::vector<std::byte> npy_header(Dtype dtype, const Dims& dims);

/// The elements as `dtype`, which is one of the floating-point types, stores them: float16 rounds
/// to the nearest, float64 is exact.
std::vector<std::byte> npy_data(Dtype dtype, std::span<const float> values);

/// Writes a whole file at once (atomic_file.hpp). `values` has the elements of `dims`.
void write_npy(const std::filesystem::path& path, const Dims& dims, std::span<const float> values,
               Dtype dtype = Dtype::float32);

}  // namespace headroom::tools
