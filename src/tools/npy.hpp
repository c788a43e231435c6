// Reading .npy files.
//
// Debian's reader for C++ (xtensor 0.24) was tried and not taken: it knows no float16, takes a
// truncated file for a complete one and leaves the rest uninitialised, and misreads the length of
// some headers (a byte of it above 127).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tools/dims.hpp"
#include "tools/mapped_file.hpp"

namespace headroom::tools {

enum class Dtype : std::uint8_t { float16, float32, float64, int32, int64, uint8, boolean };

/// As NumPy names it: "float32", "bool".
const char* name_of(Dtype dtype);

/// As a file names it: "<f4".
const char* descr_of(Dtype dtype);

/// Bytes of an element.
std::size_t bytes_of(Dtype dtype);

/// Whether it has a fraction.
bool is_real(Dtype dtype);

/// The nearest float. A finite number beyond the range stays finite, because an infinite one would
/// mask.
float nearest_float(double value);

/// Booleans with their memory: std::vector<bool> has no array of bool to point to.
struct BoolArray {
    std::unique_ptr<bool[]> data;
    std::size_t size = 0;

    std::span<const bool> values() const { return {data.get(), size}; }
};

/// A tensor as a file holds it, contiguous, last dimension fastest. A view: the bytes belong to
/// whoever had them parsed.
struct NpyArray {
    std::string name;  ///< Of the file, for messages.
    Dtype dtype = Dtype::float32;
    Dims dims;
    std::span<const std::byte> data;  ///< Exactly the elements; aligned to nothing.

    Index rank() const { return static_cast<Index>(dims.size()); }
    std::size_t size() const { return data.size() / bytes_of(dtype); }

    /// "float32 [2, 3]", for messages.
    std::string type_text() const;

    /// The elements, whatever their type, as nearest_float().
    std::vector<float> floats() const;

    /// The elements, whatever their type; an int64 beyond 2^53 is rounded.
    std::vector<double> doubles() const;

    /// Throws UserError unless the type is int32, int64 or uint8.
    std::vector<std::int64_t> integers() const;

    /// Throws UserError unless the type is bool. Any byte but 0 is true.
    BoolArray bools() const;
};

/// Reads a file's bytes: format 1, 2 or 3, little-endian, C order, one of the types of Dtype, and
/// exactly as many bytes as the header says. Throws UserError, starting with `name`, for anything
/// else. The array's data lie within `file`.
NpyArray parse_npy(std::span<const std::byte> file, const std::string& name);

/// The same, of a file on disk.
class NpyFile {
public:
    explicit NpyFile(const std::filesystem::path& path);

    const NpyArray& array() const noexcept { return array_; }

private:
    MappedFile file_;
    NpyArray array_;
};

/// An empty path is no file.
inline std::optional<NpyFile> open_if_given(const std::string& path) {
    return path.empty() ? std::nullopt : std::optional<NpyFile>(std::in_place, path);
}

}  // namespace headroom::tools
