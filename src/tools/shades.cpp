#include "tools/shades.hpp"

#include <array>
#include <cmath>
#include <cstdlib>
#include <string_view>

namespace headroom::tools {
namespace {

// A shade, and the weight from which it is used.
struct Shade {
    float from;
    const char* block;
    const char* ascii;
};
constexpr std::array<Shade, 5> shades{{{0.70f, "█", "#"},
                                       {0.40f, "▓", "*"},
                                       {0.20f, "▒", "+"},
                                       {0.05f, "░", "."},
                                       {0.00f, " ", " "}}};

}  // namespace

const char* shade(float weight, bool ascii) {
    for (const Shade& shade : shades)
        if (weight >= shade.from) return ascii ? shade.ascii : shade.block;
    return "?";  // NaN
}

std::string shade_legend(bool ascii) {
    std::string legend;
    for (auto shade = shades.rbegin() + 1; shade != shades.rend(); ++shade)
        legend += std::string(legend.empty() ? "" : "   ") + (ascii ? shade->ascii : shade->block) +
                  " from " + std::to_string(std::lround(shade->from * 100.0f)) + " %";
    return legend;
}

bool prefers_ascii() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const char* const value = std::getenv(name);
        if (value == nullptr || *value == '\0') continue;
        const std::string_view locale(value);
        const auto has = [&](std::string_view part) {
            return locale.find(part) != std::string_view::npos;
        };
        return !(has("UTF-8") || has("utf8") || has("UTF8") || has("utf-8"));
    }
    return true;
}

}  // namespace headroom::tools
