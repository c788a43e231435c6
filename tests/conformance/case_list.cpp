#include "conformance/case_list.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace headroom::conformance {

namespace fs = std::filesystem;

std::vector<fs::path> find_cases(const fs::path& folder) {
    std::vector<fs::path> cases;
    if (fs::exists(folder / "case.json")) cases.push_back(folder);
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.path().filename() == "case.json" && entry.path().parent_path() != folder) {
            cases.push_back(entry.path().parent_path());
        }
    }
    std::sort(cases.begin(), cases.end());
    return cases;
}

std::vector<fs::path> read_list(const fs::path& file, const fs::path& folder) {
    std::ifstream lines(file);
    if (!lines) throw std::runtime_error(file.string() + ": cannot be read");
    std::vector<fs::path> cases;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line.substr(0, line.find('#')));
        for (std::string name; words >> name;) cases.push_back(folder / name);
    }
    return cases;
}

}  // namespace headroom::conformance
