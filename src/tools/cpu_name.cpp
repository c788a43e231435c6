#include "tools/cpu_name.hpp"

#include <fstream>
#include <map>

namespace headroom::tools {
namespace {

std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(" \t");
    const auto last = text.find_last_not_of(" \t");
    return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

}  // namespace

std::string cpu_name() {
    // Linux: lines of "name : value", a group for each core; the first core speaks for all.
    std::map<std::string, std::string> fields;
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
        const auto colon = line.find(':');
        if (colon == std::string::npos) continue;
        fields.emplace(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
    }
    for (const char* name : {"model name", "Processor", "Model", "cpu model", "Hardware"}) {
        const auto field = fields.find(name);
        if (field != fields.end() && !field->second.empty()) return field->second;
    }
    // 64-bit ARM kernels give numbers only.
    const auto implementer = fields.find("CPU implementer");
    const auto part = fields.find("CPU part");
    if (implementer != fields.end() && part != fields.end()) {
        return "ARM, implementer " + implementer->second + ", part " + part->second;
    }
    return "unknown";
}

}  // namespace headroom::tools
