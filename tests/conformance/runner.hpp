// Running the cases below some folders, and the lines that are printed about them.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <span>

#include <headroom/port.hpp>

namespace headroom::conformance {

struct Summary {
    int passed = 0;
    int failed = 0;
    int skipped = 0;
};

/// What to do if an output is further from the wanted one than the case's tolerance, but no further
/// than float32 can tell (see sensitivity.hpp): `tell` says so in the line of a case that passes,
/// `fail` fails.
enum class IllConditioned { tell, fail };

/// Runs every case below the folders (a case is a folder with case.json), in the order of their
/// names, and prints a line for each. A case passes if each of its outputs is as wanted on every
/// port, and has the bits that the scalar port gives, and if the library refused nothing. A folder
/// that is not there counts as a failure. With a `tool`, that program computes the cases, and those
/// that it has no command for are skipped (tool_attention.hpp). With a `list`, a file, only the
/// cases it names are run, and no folder is walked (case_list.hpp).
Summary run_folders(std::span<const std::filesystem::path> folders,
                    std::span<const Port* const> ports, IllConditioned if_ill_conditioned,
                    std::ostream& print, const std::filesystem::path& tool = {},
                    const std::filesystem::path& list = {});

}  // namespace headroom::conformance
