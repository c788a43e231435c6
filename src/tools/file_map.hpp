// What the tool asks of the operating system about files; ports/os/<name>/file_map.cpp answers.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace headroom::tools {

/// The contents of a regular file without a copy of them, until unmap_file(). Empty if the file is
/// empty or the system cannot do that: then it is to be read.
std::span<const std::byte> map_file(const std::filesystem::path& path) noexcept;

/// Gives back what map_file() returned.
void unmap_file(std::span<const std::byte> bytes) noexcept;

}  // namespace headroom::tools
