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

/// "1 key", "2 keys"; "2 queries" where the plural is given.
inline std::string counted(std::int64_t count, const std::string& noun,
                           const std::string& plural = {}) {
    const std::string many = plural.empty() ? noun + "s" : plural;
    return std::to_string(count) + " " + (count == 1 ? noun : many);
}

/// With so many significant digits at most, and no zeros behind them.
std::string number_text(double value, int digits = 9);

/// "a.b" as the start of names, "a.b."; the empty prefix stays empty.
inline std::string with_dot(std::string prefix) {
    if (!prefix.empty() && prefix.back() != '.') prefix += '.';
    return prefix;
}

/// The prefix of with_dot() as people write it.
inline std::string_view without_dot(std::string_view prefix) {
    return prefix.substr(0, prefix.size() - (prefix.ends_with('.') ? 1 : 0));
}

}  // namespace headroom::tools
