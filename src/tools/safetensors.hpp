// Reading .safetensors files: a header of JSON, then the tensors' bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tools/dims.hpp"  // shape_text()
#include "tools/mapped_file.hpp"

namespace headroom::tools {

/// What the header says about one tensor.
struct TensorEntry {
    std::string dtype;                ///< As in the file: "F32", "BF16", ...
    std::vector<std::int64_t> shape;  ///< Empty: a scalar.
    std::uint64_t begin = 0;          ///< Its bytes in the file, counted from the file's start.
    std::uint64_t end = 0;
};

/// A file whose header has been read and checked. The tensors' bytes are looked at when they are
/// asked for, so a file may be larger than memory.
class Safetensors {
public:
    /// Throws UserError, naming the file and where it applies the tensor, unless
    ///   - the header's length lies within the file and is at most 100 MB;
    ///   - the header is a JSON object;
    ///   - no name appears twice;
    ///   - each tensor has a known type, a shape, and as many bytes as both ask for;
    ///   - the tensors' bytes fill the rest of the file without overlap or gap.
    explicit Safetensors(const std::filesystem::path& path);

    /// The same for a file's bytes in memory, which must outlive this object.
    Safetensors(std::span<const std::byte> bytes, std::string name);

    const std::map<std::string, TensorEntry>& tensors() const noexcept { return tensors_; }

    /// Of the file, for messages.
    const std::string& name() const noexcept { return name_; }

    /// The elements of one of tensors(), which must be of type F32, F16 or BF16, whose values stay
    /// what they are, or F64, which is rounded. Throws UserError for any other type.
    std::vector<float> read_f32(const std::string& tensor) const;

private:
    void parse();

    std::string name_;
    std::optional<MappedFile> file_;
    std::span<const std::byte> bytes_;
    std::map<std::string, TensorEntry> tensors_;
};

/// A name from a file as it may be printed: in quotes, without control characters.
std::string in_quotes(const std::string& name);

}  // namespace headroom::tools
