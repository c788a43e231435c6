#include "tools/mapped_file.hpp"

#include <array>
#include <fstream>
#include <system_error>
#include <utility>

#include "tools/file_map.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const char* what) {
    throw UserError(path.string() + ": " + what);
}

}  // namespace

MappedFile::MappedFile(const fs::path& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status)) fail(path, "does not exist");
    if (fs::is_directory(status)) fail(path, "is a folder");
    if (!fs::is_regular_file(status) && !fs::is_fifo(status)) fail(path, "is not a regular file");
    // A pipe has no size to map.
    if (fs::is_regular_file(status)) bytes_ = map_file(path);
    mapped_ = !bytes_.empty();
    if (!mapped_) read(path);
}

MappedFile::~MappedFile() {
    if (mapped_) unmap_file(bytes_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : read_(std::move(other.read_)),
      bytes_(std::exchange(other.bytes_, {})),
      mapped_(std::exchange(other.mapped_, false)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    std::swap(read_, other.read_);
    std::swap(bytes_, other.bytes_);
    std::swap(mapped_, other.mapped_);
    return *this;
}

void MappedFile::read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) fail(path, "cannot be opened");
    std::array<char, 1 << 16> piece;
    while (file.read(piece.data(), piece.size()) || file.gcount() > 0) {
        const auto bytes =
            std::as_bytes(std::span(piece)).first(static_cast<std::size_t>(file.gcount()));
        read_.insert(read_.end(), bytes.begin(), bytes.end());
    }
    if (file.bad()) fail(path, "cannot be read");
    bytes_ = read_;
}

}  // namespace headroom::tools
