#include "tools/demo_map.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <span>

#include "tools/shades.hpp"

namespace headroom::tools {
namespace {

using demo::Answer;
using demo::answer_length;
using demo::Looks;

std::string percent(float share) { return std::to_string(std::lround(share * 100.0f)) + " %"; }

// A word or number of the text: bytes [begin, end).
struct Word {
    std::size_t begin, end;
};

bool in_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 0x80;
}

// The word that answer characters [first, first + count) looked at most, and its share.
std::pair<Word, float> most_looked_at(const std::string& text, const Looks& looks, int first,
                                      int count) {
    std::pair<Word, float> best{{0, 0}, 0.0f};
    for (std::size_t begin = 0; begin < text.size(); ++begin) {
        std::size_t end = begin;
        while (end < text.size() && in_word(text[end])) ++end;
        float share = 0.0f;
        for (int row = first; row < first + count; ++row)
            share += std::accumulate(looks.weights[row] + begin, looks.weights[row] + end, 0.0f);
        share /= static_cast<float>(count);
        if (share > best.second) best = {{begin, end}, share};
        begin = std::max(begin, end);
    }
    return best;
}

}  // namespace

std::string printable(const std::string& text) {
    std::string shown = text;
    std::replace_if(
        shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return shown;
}

std::string draw_map(const std::string& text, const Answer& answer, const Looks& looks,
                     bool ascii) {
    std::string map = "  wrote | looking at\n        | " + printable(text) + "\n";
    for (int row = 0; row < answer_length; ++row) {
        map += std::string("      ") + answer.text[row] + " | ";
        const std::span<const float> weights(looks.weights[row], text.size());
        for (const float weight : weights) map += shade(weight, ascii);
        const auto most = std::max_element(weights.begin(), weights.end());
        const char letter = printable(text)[static_cast<std::size_t>(most - weights.begin())];
        map += " |  '" + std::string(1, letter) + "' " + percent(*most) + "\n";
    }
    return map + "\n          " + shade_legend(ascii) + "   of the attention\n";
}

std::string tell_map(const std::string& text, const Answer& answer, const Looks& looks) {
    struct Part {
        const char* name;
        int first, count;
    };
    static constexpr std::array<Part, 3> parts{{{"year", 0, 4}, {"month", 5, 2}, {"day", 8, 2}}};
    std::string told;
    for (const auto& [name, first, count] : parts) {
        const auto [word, share] = most_looked_at(text, looks, first, count);
        char line[160];
        std::snprintf(
            line, sizeof line, "  the %-5s %-4s looked most at %s (%s of its attention)\n", name,
            std::string(answer.text + first, static_cast<std::size_t>(count)).c_str(),
            share > 0.0f
                ? ("\"" + printable(text.substr(word.begin, word.end - word.begin)) + "\"").c_str()
                : "no word",
            percent(share).c_str());
        told += line;
    }
    return told;
}

}  // namespace headroom::tools
