#include "tools/heads_page.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <nlohmann/json.hpp>

#include "tools/head_verdict.hpp"
#include "tools/head_words.hpp"

namespace headroom::tools {
namespace {

using Json = nlohmann::ordered_json;

// A weight in 16 bits: as src/tools/heads/data.js reads it.
constexpr unsigned code_not_visible = 65535, code_not_a_number = 65534, code_one = 65533;

unsigned code_of(float weight) {
    if (std::isnan(weight)) return code_not_a_number;
    if (weight == not_visible) return code_not_visible;
    const float share = std::clamp(weight, 0.0f, 1.0f);
    return static_cast<unsigned>(std::lround(share * static_cast<float>(code_one)));
}

std::string base64(const std::string& bytes) {
    static constexpr char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        unsigned group = 0;
        for (std::size_t j = 0; j < 3; ++j)
            group =
                group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
        for (std::size_t j = 0; j < 4; ++j)
            text += i + j <= bytes.size() ? letters[group >> (18 - 6 * j) & 63u] : '=';
    }
    return text;
}

std::string encode(const Grid& grid) {
    std::string bytes;
    bytes.reserve(2 * grid.cells.size());
    for (const float weight : grid.cells) {
        const unsigned code = code_of(weight);
        bytes += static_cast<char>(code & 255u);
        bytes += static_cast<char>(code >> 8);
    }
    return base64(bytes);
}

// A number that a head does not have is null.
Json head_json(const HeadSummary& head, const Grid& grid) {
    const auto number = [](bool exists, double value) { return exists ? Json(value) : Json(); };
    const bool known = has_numbers(head);
    Json json{{"group", head.group},
              {"detail", head.detail},
              {"numbers", numbers_of(head)},
              {"idle", head.idle},
              {"not_a_number", head.pattern == Pattern::not_a_number},
              {"entropy", number(known, head.entropy)},
              {"most_entropy", number(known, head.most_entropy)},
              {"uneven", number(known && head.visible > 0.0, head.uneven)},
              {"distance", number(known && head.distance, head.distance.value_or(0.0))},
              {"largest", nullptr},
              {"query", nullptr},
              {"key", nullptr}};
    if (head.largest) {
        json["largest"] = head.largest->weight;
        json["query"] = head.largest->query;
        json["key"] = head.largest->key;
    }
    json["map"] = encode(grid);
    return json;
}

std::vector<std::string> notes(const HeadMaps& maps, const PageSteps& steps) {
    if (steps.row == 1 && steps.column == 1) return {};
    return {"The maps are reduced: a cell stands for " + std::to_string(steps.row) + " x " +
            std::to_string(steps.column) + " of the " + std::to_string(maps.queries) + " x " +
            std::to_string(maps.keys) +
            " weights of a head and shows the largest of them. The numbers and the words are of "
            "all weights."};
}

// JSON that may stand in a script element: whatever a name holds, no markup is in it.
std::string harmless(const Json& json) {
    const std::string text = json.dump(-1, ' ', true, Json::error_handler_t::replace);
    std::string safe;
    safe.reserve(text.size());
    for (const char c : text) {
        if (c == '<')
            safe += "\\u003c";
        else if (c == '>')
            safe += "\\u003e";
        else if (c == '&')
            safe += "\\u0026";
        else
            safe += c;
    }
    return safe;
}

std::string escaped(const std::string& text) {
    std::string markup;
    for (const char c : text) {
        if (c == '<')
            markup += "&lt;";
        else if (c == '&')
            markup += "&amp;";
        else
            markup += c;
    }
    return markup;
}

// The first of the places with this name, so that no value is taken for one.
void fill(std::string& page, std::string_view place, const std::string& value) {
    page.replace(page.find(place), place.size(), value);
}

}  // namespace

PageSteps page_steps(std::int64_t heads, std::int64_t queries, std::int64_t keys) {
    constexpr std::int64_t side = 512, cells = 3'000'000;
    PageSteps steps{step_for(queries, side), step_for(keys, side)};
    while (true) {
        const std::int64_t rows = (queries + steps.row - 1) / steps.row;
        const std::int64_t columns = (keys + steps.column - 1) / steps.column;
        if (heads * rows * columns <= cells || rows * columns == 1) return steps;
        ++(rows > columns ? steps.row : steps.column);
    }
}

std::string heads_page(const HeadMaps& maps, const std::vector<HeadSummary>& heads,
                       const std::string& title, const std::string& line) {
    const PageSteps steps = page_steps(maps.heads, maps.queries, maps.keys);
    Json data{{"title", title},
              {"line", line},
              {"settings", maps.settings},
              {"about", maps.about},
              {"verdict", verdict(heads)},
              {"idle_definition", idle_definition()},
              {"notes", notes(maps, steps)},
              {"self", maps.self},
              {"queries", maps.queries},
              {"keys", maps.keys},
              {"row_step", steps.row},
              {"column_step", steps.column},
              {"query_labels", maps.query_labels},
              {"key_labels", maps.key_labels},
              {"heads", Json::array()}};
    for (std::int64_t i = 0; i < maps.heads; ++i) {
        const Grid grid = pool(maps.map(i), maps.queries, maps.keys, steps.row, steps.column);
        data["rows"] = grid.rows;
        data["columns"] = grid.columns;
        data["heads"].push_back(head_json(heads[static_cast<std::size_t>(i)], grid));
    }
    std::string page(heads_page_template);
    fill(page, "{{data}}", harmless(data));  // stands after the title: fill it before
    fill(page, "{{title}}", escaped(title) + ": attention heads");
    return page;
}

}  // namespace headroom::tools
