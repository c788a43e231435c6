// The bytes of a file without a copy of them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

namespace headroom::tools {

/// A file's contents, mapped where the system can do that, else read. They stay valid as long as
/// this object, also where it is moved to; the file must not be cut short meanwhile.
class MappedFile {
public:
    /// Throws UserError, naming the file, if it does not exist or cannot be read, or is neither a
    /// regular file nor a pipe.
    explicit MappedFile(const std::filesystem::path& path);
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    ~MappedFile();

    std::span<const std::byte> bytes() const noexcept { return bytes_; }

private:
    void read(const std::filesystem::path& path);

    std::vector<std::byte> read_;       // the contents, unless they are mapped
    std::span<const std::byte> bytes_;  // of the map or of read_
    bool mapped_ = false;
};

}  // namespace headroom::tools
