// Writing a file so that nobody ever sees half of it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace headroom::tools {

/// Writes `contents` to a temporary file in the same folder, then gives it the name `path`,
/// replacing what was there. Throws UserError if that is not possible; then `path` is as it was
/// before, and no temporary file is left.
void write_file(const std::filesystem::path& path, std::span<const std::byte> contents);
void write_file(const std::filesystem::path& path, std::string_view contents);

}  // namespace headroom::tools
