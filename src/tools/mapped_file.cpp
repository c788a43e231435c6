#include "tools/mapped_file.hpp"

#include <array>
#include <fstream>
#include <system_error>
#include <utility>

#if __has_include(<sys/mman.h>) && __has_include(<unistd.h>)
#define HEADROOM_TOOL_HAS_MMAP 1
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#else
#define HEADROOM_TOOL_HAS_MMAP 0
#endif

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
    if (!fs::is_regular_file(status) || !map(path)) read(path);
}

#if HEADROOM_TOOL_HAS_MMAP

bool MappedFile::map(const fs::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) fail(path, "cannot be opened");
    struct stat status {};
    void* data = MAP_FAILED;
    // Nothing can be mapped of an empty file.
    if (::fstat(file, &status) == 0 && status.st_size > 0) {
        const auto size = static_cast<std::size_t>(status.st_size);
        data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
        if (data != MAP_FAILED) bytes_ = {static_cast<const std::byte*>(data), size};
    }
    ::close(file);
    mapped_ = data != MAP_FAILED;
    return mapped_;
}

MappedFile::~MappedFile() {
    // The system's function takes no pointer to const, though it changes nothing.
    if (mapped_) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

#else

bool MappedFile::map(const fs::path&) { return false; }
MappedFile::~MappedFile() = default;

#endif

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
