// Names of tensors and layers, and numbers of things, for people.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::tools {

/// Orders numbers within names by their value: "layers.2." before "layers.10.".
struct NaturalOrder {
    bool operator()(std::string_view a, std::string_view b) const;
};

/// At most `count` of the names, the most like `wanted` first; of equally like ones the first.
std::vector<std::string> nearest(std::vector<std::string> names, std::string_view wanted,
                                 std::size_t count);

/// "1 key", "2 keys".
inline std::string counted(std::int64_t count, const char* noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace headroom::tools
