#include "tools/heads_text.hpp"

#include <algorithm>
#include <cstdio>

#include "tools/head_verdict.hpp"
#include "tools/head_words.hpp"
#include "tools/shades.hpp"

namespace headroom::tools {
namespace {

constexpr std::size_t page_width = 80;
// A character is about twice as tall as it is wide.
constexpr std::int64_t most_columns = 36, most_rows = 18;

// Characters, of UTF-8.
std::size_t width_of(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

std::string padded(const std::string& text, std::size_t width) {
    const std::size_t own = width_of(text);
    return own < width ? text + std::string(width - own, ' ') : text;
}

std::string right(const std::string& text, std::size_t width) {
    return std::string(width - std::min(width, text.size()), ' ') + text;
}

std::string decimals(double value, int digits, std::size_t width) {
    char text[32];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return right(text, width);
}

std::string table(const HeadMaps& maps, const std::vector<HeadSummary>& heads) {
    std::string text = "head  entropy, bits  largest weight: query, key";
    text += maps.self ? "  distance  looks at\n" : "  looks at\n";
    for (std::size_t i = 0; i < heads.size(); ++i) {
        const HeadSummary& head = heads[i];
        const std::size_t indent = maps.self ? 58 : 48;
        std::string line = right(std::to_string(i), 4);
        if (has_numbers(head))
            line += decimals(head.entropy, 2, 7) + " of" + decimals(head.most_entropy, 2, 5);
        if (head.largest)
            line += decimals(static_cast<double>(head.largest->weight), 3, 16) + ": " +
                    right(std::to_string(head.largest->query), 5) + ", " +
                    right(std::to_string(head.largest->key), 3);
        if (has_numbers(head) && head.distance) line += decimals(*head.distance, 1, 10);
        text += padded(line, indent - 2) + "  " + label_of(head) + "\n";
    }
    return text;
}

const char* symbol(float weight, bool ascii) {
    if (weight == not_visible) return ascii ? "-" : "·";
    return shade(weight, ascii);
}

std::vector<std::string> block(const Grid& grid, const std::string& title, bool ascii) {
    std::vector<std::string> lines{title};
    for (std::int64_t row = 0; row < grid.rows; ++row) {
        lines.emplace_back("|");
        for (std::int64_t column = 0; column < grid.columns; ++column)
            lines.back() +=
                symbol(grid.cells[static_cast<std::size_t>(row * grid.columns + column)], ascii);
        lines.back() += "|";
    }
    return lines;
}

std::string side_by_side(const std::vector<std::vector<std::string>>& blocks) {
    std::size_t width = 0;
    for (const auto& lines : blocks)
        for (const std::string& line : lines) width = std::max(width, width_of(line) + 3);
    const std::size_t in_a_row = std::max<std::size_t>(1, page_width / width);
    std::string text;
    for (std::size_t first = 0; first < blocks.size(); first += in_a_row) {
        const std::size_t last = std::min(blocks.size(), first + in_a_row);
        text += "\n";
        for (std::size_t line = 0; line < blocks[first].size(); ++line) {
            std::string all;
            for (std::size_t i = first; i < last; ++i)
                all += i + 1 < last ? padded(blocks[i][line], width) : blocks[i][line];
            text += all + "\n";
        }
    }
    return text;
}

}  // namespace

std::string heads_text(const HeadMaps& maps, const std::vector<HeadSummary>& heads, bool ascii) {
    const std::int64_t row_step = step_for(maps.queries, most_rows);
    const std::int64_t column_step = step_for(maps.keys, most_columns);
    std::vector<std::vector<std::string>> blocks;
    for (std::int64_t i = 0; i < maps.heads; ++i) {
        const Grid grid = pool(maps.map(i), maps.queries, maps.keys, row_step, column_step);
        blocks.push_back(block(
            grid, "head " + std::to_string(i) + ": " + heads[static_cast<std::size_t>(i)].group,
            ascii));
    }
    std::string text = verdict(heads) + "\n\n" + table(maps, heads) + side_by_side(blocks) +
                       "\nrows: queries, columns: keys   " + shade_legend(ascii) + "   " +
                       symbol(not_visible, ascii) + " not visible\n";
    if (row_step * column_step > 1)
        text += "a character stands for " + std::to_string(row_step) + " x " +
                std::to_string(column_step) + " weights and shows the largest\n";
    return text;
}

}  // namespace headroom::tools
