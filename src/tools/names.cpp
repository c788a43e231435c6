#include "tools/names.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <map>
#include <numeric>

namespace headroom::tools {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The digits that a text starts with, without leading zeros.
std::string_view take_number(std::string_view& text) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
    std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(digits.size());
    while (digits.starts_with('0')) digits.remove_prefix(1);
    return digits;
}

// Characters to insert, remove or replace to make one of the other (Levenshtein 1966).
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
        }
    }
    return row.back();
}

}  // namespace

bool NaturalOrder::operator()(std::string_view a, std::string_view b) const {
    const std::string_view whole_a = a, whole_b = b;
    while (!a.empty() && !b.empty()) {
        if (is_digit(a[0]) && is_digit(b[0])) {
            const std::string_view m = take_number(a), n = take_number(b);
            if (m.size() != n.size()) return m.size() < n.size();
            if (m != n) return m < n;
            continue;
        }
        if (a[0] != b[0]) return a[0] < b[0];
        a.remove_prefix(1);
        b.remove_prefix(1);
    }
    if (a.empty() != b.empty()) return a.empty();
    return whole_a < whole_b;  // "01" and "1" are two names
}

std::string number_text(double value, int digits) {
    char text[40];
    std::snprintf(text, sizeof text, "%.*g", digits, value);
    return text;
}

std::vector<std::string> nearest(std::vector<std::string> names, std::string_view wanted,
                                 std::size_t count) {
    if (!wanted.empty()) {
        std::map<std::string, std::size_t> distances;
        for (const std::string& name : names) distances[name] = distance(name, wanted);
        std::stable_sort(names.begin(), names.end(), [&](const auto& a, const auto& b) {
            return distances.at(a) < distances.at(b);
        });
    }
    names.resize(std::min(names.size(), count));
    return names;
}

}  // namespace headroom::tools
