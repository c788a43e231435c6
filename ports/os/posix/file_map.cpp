#include "tools/file_map.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace headroom::tools {

std::span<const std::byte> map_file(const std::filesystem::path& path) noexcept {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return {};
    struct stat status {};
    std::span<const std::byte> bytes;
    // Nothing can be mapped of an empty file.
    if (::fstat(file, &status) == 0 && status.st_size > 0) {
        const auto size = static_cast<std::size_t>(status.st_size);
        const void* const data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
        if (data != MAP_FAILED) bytes = {static_cast<const std::byte*>(data), size};
    }
    ::close(file);  // the map stays
    return bytes;
}

void unmap_file(std::span<const std::byte> bytes) noexcept {
    // The system's function takes no pointer to const, though it changes nothing.
    if (!bytes.empty()) ::munmap(const_cast<std::byte*>(bytes.data()), bytes.size());
}

}  // namespace headroom::tools
