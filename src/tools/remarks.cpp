#include "tools/remarks.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace headroom::tools {

void add(Remarks& to, const Remarks& more) {
    to.warnings.insert(to.warnings.end(), more.warnings.begin(), more.warnings.end());
    to.notes.insert(to.notes.end(), more.notes.begin(), more.notes.end());
}

void print_warnings(const std::vector<std::string>& lines) {
    for (const std::string& line : lines)
        std::fprintf(stderr, "headroom: warning: %s\n", line.c_str());
}

void print(const Remarks& remarks) {
    print_warnings(remarks.warnings);
    for (const std::string& line : remarks.notes)
        std::fprintf(stderr, "headroom: note: %s\n", line.c_str());
}

void FiniteCheck::add(const std::string& name, const std::vector<float>& values) {
    if (std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); })) return;
    const std::string line = name + ": holds a NaN or an infinity";
    if (std::find(warnings_.begin(), warnings_.end(), line) == warnings_.end())
        warnings_.push_back(line);
}

}  // namespace headroom::tools
