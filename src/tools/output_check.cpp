#include "tools/output_check.hpp"

#include <filesystem>
#include <system_error>

#include "tools/atomic_file.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {

bool same_file(const NamedFile& a, const NamedFile& b) {
    namespace fs = std::filesystem;
    if (a.path.empty() || b.path.empty()) return false;
    std::error_code error;
    if (fs::equivalent(a.path, b.path, error)) return true;
    const auto full = [&](const std::string& path) {
        // A link that leads nowhere yet would pass for a file of its own.
        return fs::weakly_canonical(fs::absolute(link_target(path), error), error);
    };
    return full(a.path) == full(b.path) && !error;
}

void refuse_to_overwrite(const NamedFile& output, const std::vector<NamedFile>& inputs) {
    for (const NamedFile& input : inputs) {
        if (!same_file(output, input)) continue;
        throw UserError(output.path + ": is the " + input.option + " file, which " + output.option +
                        " would overwrite");
    }
}

}  // namespace headroom::tools
