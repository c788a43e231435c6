// An output must not be one of the files that are read.
#pragma once

#include <string>
#include <vector>

namespace headroom::tools {

/// A file of a command and the option that names it. An empty path is no file.
struct NamedFile {
    std::string option, path;
};

/// Whether both are one file, which may not be there yet, under whatever names.
bool same_file(const NamedFile& a, const NamedFile& b);

/// Throws UserError if the output is one of the inputs.
void refuse_to_overwrite(const NamedFile& output, const std::vector<NamedFile>& inputs);

}  // namespace headroom::tools
