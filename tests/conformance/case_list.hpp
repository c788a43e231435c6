// Which cases are run.
#pragma once

#include <filesystem>
#include <vector>

namespace headroom::conformance {

/// Every folder with a case.json, below `folder` or `folder` itself, sorted.
std::vector<std::filesystem::path> find_cases(const std::filesystem::path& folder);

/// The folders below `folder` that a file names, one in each line, in its order. What follows a `#`
/// is a comment. For platforms whose folders cannot be walked, and for a choice of cases; one that
/// is not there fails when it is run. Throws std::runtime_error if the file cannot be read.
std::vector<std::filesystem::path> read_list(const std::filesystem::path& file,
                                             const std::filesystem::path& folder);

}  // namespace headroom::conformance
