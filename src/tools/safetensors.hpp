// Reading .safetensors files: a header of JSON, then the tensors' bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "tools/dims.hpp"

namespace headroom::tools {

/// What the header says about one tensor.
struct TensorEntry {
    std::string dtype;                ///< As in the file: "F32", "BF16", ...
    std::vector<std::int64_t> shape;  ///< Empty: a scalar.
    std::uint64_t begin = 0;          ///< Its bytes in the file, counted from the file's start.
    std::uint64_t end = 0;
};

/// An open file. The header has been read and checked; tensors are read one at a time, so a file
/// may be larger than memory.
class Safetensors {
public:
    /// Throws UserError, naming the file and where it applies the tensor, unless
    ///   - the header's length lies within the file and is at most 100 MB;
    ///   - the header is a JSON object;
    ///   - no name appears twice;
    ///   - each tensor has a known type, a shape, and as many bytes as both ask for;
    ///   - the tensors' bytes fill the rest of the file without overlap or gap.
    explicit Safetensors(const std::filesystem::path& path);

    const std::map<std::string, TensorEntry>& tensors() const noexcept { return tensors_; }
    const std::filesystem::path& path() const noexcept { return path_; }

    /// The elements of a tensor of type F32, which must be one of tensors(). Throws UserError if
    /// its type is another one or the file cannot be read.
    std::vector<float> read_f32(const std::string& name);

private:
    std::filesystem::path path_;
    std::ifstream file_;
    std::map<std::string, TensorEntry> tensors_;
};

/// A name from a file as it may be printed: in quotes, without control characters.
std::string in_quotes(const std::string& name);

}  // namespace headroom::tools
