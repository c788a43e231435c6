#include "tools/bench/page_parts.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <sstream>

#include "tools/bench/shape.hpp"
#include "tools/bench/table.hpp"
#include "tools/names.hpp"

namespace headroom::tools {
namespace {

// The shape that describing_name() gave this name; null if it gave none.
std::optional<BenchShape> described_by(const std::string& name) {
    BenchShape s;
    std::istringstream parts(name);
    std::string part;
    bool has_keys = false;
    while (std::getline(parts, part, '_')) {
        std::istringstream numbers(part.substr(std::min<std::size_t>(part.size(), 1)));
        if (part == "causal") s.causal = true;
        if (part == "layer" || part == "attend" || part == "causal") continue;
        has_keys = has_keys || part[0] == 'k';
        int none = 0;
        int& first = part[0] == 'm'   ? s.model_dim
                     : part[0] == 'h' ? s.heads
                     : part[0] == 't' ? s.tokens
                     : part[0] == 'k' ? s.keys
                     : part[0] == 'w' ? s.width
                                      : none;
        numbers >> first;
        if (part[0] != 'h') continue;
        s.kv_heads = s.heads;
        if (const std::size_t on = part.find("on"); on != std::string::npos)
            std::istringstream(part.substr(on + 2)) >> s.kv_heads;
    }
    if (!has_keys) s.keys = s.tokens;
    // Whatever was misread gives another name.
    return describing_name(s) == name ? std::optional(s) : std::nullopt;
}

}  // namespace

std::string name_markup(std::string_view name) {
    std::string markup;
    for (const char c : escaped(name)) {
        markup += c;
        if (c == '_') markup += "<wbr>";
    }
    return markup;
}

std::string shape_words(const std::string& name) {
    std::optional<BenchShape> found;
    if (const BenchShape* const named = find_bench_shape(name)) found = *named;
    if (!found) found = described_by(name);
    if (!found) return {};
    const BenchShape& s = *found;
    std::string text = s.is_layer() ? "layer of " + std::to_string(s.model_dim) + ": " : "";
    text += counted(s.heads, "head") + " of " + std::to_string(s.width);
    if (s.kv_heads != s.heads) text += " on " + std::to_string(s.kv_heads) + " key heads";
    text += ", " + counted(s.tokens, "token");
    if (s.has_cache()) text += ", " + counted(s.keys, "key") + " in a cache";
    return text + (s.causal ? ", causal" : "");
}

std::string shape_heading(const std::string& name, const std::string& beside) {
    const std::string words = shape_words(name);
    return "<h3><span>" + name_markup(name) + "</span>" + beside + "</h3>\n" +
           (words.empty() ? "" : element("p", words, "class=\"shape\"") + "\n");
}

std::string escaped(std::string_view text) {
    std::string markup;
    for (const char c : text) {
        switch (c) {
            case '<':
                markup += "&lt;";
                break;
            case '>':
                markup += "&gt;";
                break;
            case '&':
                markup += "&amp;";
                break;
            case '"':
                markup += "&quot;";
                break;
            default:
                markup += c;
        }
    }
    return markup;
}

std::string element(const std::string& tag, std::string_view text, const std::string& attributes) {
    return "<" + tag + (attributes.empty() ? "" : " " + attributes) + ">" + escaped(text) + "</" +
           tag + ">";
}

std::string page_of(const std::string& title, const std::string& body) {
    std::string page =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" "
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n";
    page += element("title", title) + "\n<style>\n";
    page += bench_page_style;
    return page + "</style>\n</head>\n<body>\n" + body + "</body>\n</html>\n";
}

std::string bars_of(const std::vector<Bar>& bars) {
    std::string html = "<ul class=\"bars\">\n";
    for (const Bar& bar : bars) {
        char width[32];
        std::snprintf(width, sizeof width, "%.1f", 100.0 * std::clamp(bar.length, 0.0, 1.0));
        const bool cut = bar.length > 1.0;
        html += "<li class=\"" + bar.kind + (cut ? " cut" : "") + "\">";
        html += "<span class=\"name\">" + name_markup(bar.name) +
                (bar.detail.empty() ? "" : element("small", bar.detail)) + "</span>";
        html += "<span class=\"track\"><span class=\"bar\" style=\"width:" + std::string(width) +
                "%\"></span></span>";
        html += element("span", bar.value, "class=\"value\"");
        html += element("span", bar.remark, "class=\"remark\"") + "</li>\n";
    }
    return html + "</ul>\n";
}

// As the percentage is shown: what reads 80 % is near.
std::string nearness(double share) {
    const double percent = std::round(100.0 * share);
    return percent >= 80.0 ? "near" : percent >= 60.0 ? "middle" : "far";
}

std::string roof_text(const BenchResult& r) {
    if (!r.roof_share()) return "roof not measured";
    return share_text(r.roof_share()) +
           (r.bound_by_bandwidth()
                ? " of " + r.level + (r.level == "memory" ? " bandwidth" : " read")
                : " of FMA peak");
}

std::vector<std::string> ports_of(const BenchReport& report) {
    std::vector<std::string> ports;
    const auto add = [&](const std::string& port) {
        if (std::find(ports.begin(), ports.end(), port) == ports.end()) ports.push_back(port);
    };
    for (const BenchResult& r : report.results) add(r.port);
    for (const auto& [port, features] : report.features) add(port);
    for (const auto& [port, growth] : report.growth) add(port);
    return ports;
}

std::vector<BenchResult> results_of(const BenchReport& report, const std::string& port) {
    std::vector<BenchResult> results;
    std::copy_if(report.results.begin(), report.results.end(), std::back_inserter(results),
                 [&](const BenchResult& r) { return r.port == port; });
    return results;
}

}  // namespace headroom::tools
