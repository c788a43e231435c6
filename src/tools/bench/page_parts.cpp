#include "tools/bench/page_parts.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "tools/bench/table.hpp"

namespace headroom::tools {

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
        html += element("span", bar.name, "class=\"name\"");
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
