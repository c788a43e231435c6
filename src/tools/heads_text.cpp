#include "tools/heads_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "tools/head_words.hpp"
#include "tools/shades.hpp"

namespace headroom::tools {
namespace {

constexpr std::size_t page_width = 80, widest_label = 12;
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

std::string columns_text(const HeadMaps& maps, const std::vector<HeadSummary>& heads) {
    std::string text =
        "\nbits: mean entropy of a query's attention, of what its keys allow; 0 is one key\n"
        "largest weight: of queries that see two keys or more";
    text += maps.self ? "; distance: mean, in tokens\n" : "\n";
    const bool counted = std::any_of(heads.begin(), heads.end(), [](const HeadSummary& head) {
        return head.pattern == Pattern::few || head.pattern == Pattern::broad;
    });
    if (counted) text += "about n of m keys: n is 2 to the bits, m what a query sees on average\n";
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

// The first `width` characters, of UTF-8.
std::string clipped(const std::string& text, std::size_t width) {
    std::size_t size = 0;
    for (std::size_t seen = 0; size < text.size(); ++size)
        if ((static_cast<unsigned char>(text[size]) & 0xC0) != 0x80 && seen++ == width) break;
    return text.substr(0, size);
}

// What stands left of the maps: nothing in the line of titles, then the label of each query.
std::vector<std::string> label_column(const std::vector<std::string>& labels) {
    std::size_t width = 0;
    for (const std::string& label : labels)
        width = std::max(width, std::min(width_of(label), widest_label));
    std::vector<std::string> column{std::string(width + 1, ' ')};
    for (const std::string& label : labels)
        column.push_back(padded(clipped(label, widest_label), width + 1));
    return column;
}

// `gutter`: what stands before each line; may be empty.
std::string side_by_side(const std::vector<std::vector<std::string>>& blocks,
                         const std::vector<std::string>& gutter) {
    std::size_t width = 0;
    for (const auto& lines : blocks)
        for (const std::string& line : lines) width = std::max(width, width_of(line) + 3);
    const std::size_t margin = gutter.empty() ? 0 : width_of(gutter.front());
    const std::size_t in_a_row = std::max<std::size_t>(1, (page_width - margin) / width);
    std::string text;
    for (std::size_t first = 0; first < blocks.size(); first += in_a_row) {
        const std::size_t last = std::min(blocks.size(), first + in_a_row);
        text += "\n";
        for (std::size_t line = 0; line < blocks[first].size(); ++line) {
            std::string all = gutter.empty() ? "" : gutter[line];
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
    const bool labelled = row_step == 1 && !maps.query_labels.empty();
    const std::vector<std::string> gutter =
        labelled ? label_column(maps.query_labels) : std::vector<std::string>();
    std::string text = table(maps, heads) + columns_text(maps, heads) +
                       side_by_side(blocks, gutter) + "\nrows: queries, columns: keys   " +
                       shade_legend(ascii) + "   " + symbol(not_visible, ascii) + " not visible\n";
    if (std::any_of(heads.begin(), heads.end(),
                    [](const HeadSummary& head) { return head.pattern == Pattern::not_a_number; }))
        text += std::string(symbol(NAN, ascii)) + " not a number\n";
    if (row_step * column_step > 1)
        text += "a character stands for " + std::to_string(row_step) + " x " +
                std::to_string(column_step) + " weights and shows the largest\n";
    return text;
}

}  // namespace headroom::tools
