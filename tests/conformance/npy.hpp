// Reading .npy files.
//
// Debian's reader for C++ (xtensor 0.24) was tried and not taken: it knows no float16, takes a
// truncated file for a complete one and leaves the rest uninitialised, and misreads the length of
// some headers (a byte of it above 127).
#pragma once

#include <filesystem>

#include "conformance/array.hpp"

namespace headroom::conformance {

/// Reads a file of format 1, 2 or 3: little-endian, C order, one of the types of Dtype, and exactly
/// as many bytes as the header says. Throws std::runtime_error, naming the file, for anything else.
Array read_npy(const std::filesystem::path& path);

}  // namespace headroom::conformance
