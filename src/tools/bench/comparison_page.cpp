#include <algorithm>
#include <cmath>
#include <filesystem>

#include "tools/bench/page.hpp"
#include "tools/bench/page_parts.hpp"
#include "tools/bench/table.hpp"
#include "tools/names.hpp"

namespace headroom::tools {
namespace {

// A port of a run.
struct Source {
    const BenchReport* report;
    std::string port;
    std::string name;   // "A", or "A x86_avx2" where the run has several ports
    std::string label;  // and the file's name
    std::size_t colour;

    const BenchResult* find(const std::string& shape) const {
        const auto& all = report->results;
        const auto found = std::find_if(all.begin(), all.end(), [&](const BenchResult& r) {
            return r.port == port && r.shape == shape;
        });
        return found == all.end() ? nullptr : &*found;
    }
};

std::string letter(std::size_t index) {
    return index < 26 ? std::string(1, static_cast<char>('A' + index)) : std::to_string(index + 1);
}

std::vector<Source> sources_of(const std::vector<BenchReport>& reports) {
    std::vector<Source> sources;
    for (std::size_t i = 0; i < reports.size(); ++i) {
        const std::vector<std::string> ports = ports_of(reports[i]);
        const std::string stem = std::filesystem::path(reports[i].file).stem().string();
        for (const std::string& port : ports) {
            const std::string name = letter(i) + (ports.size() > 1 ? " " + port : "");
            const std::string label = ports.size() > 1 ? name : name + " " + stem;
            sources.push_back({&reports[i], port, name, label, sources.size() % 6});
        }
    }
    return sources;
}

std::vector<std::string> shapes_of(const std::vector<BenchReport>& reports) {
    std::vector<std::string> shapes;
    for (const BenchReport& report : reports) {
        for (const BenchResult& r : report.results) {
            if (std::find(shapes.begin(), shapes.end(), r.shape) == shapes.end())
                shapes.push_back(r.shape);
        }
    }
    return shapes;
}

// The geometric mean of the times over the first source's, of the shapes that both have.
struct Mean {
    double ratio = 1.0;
    std::int64_t shapes = 0;
};
Mean mean_over(const Source& source, const Source& first, const std::vector<std::string>& shapes) {
    double sum = 0.0;
    std::int64_t count = 0;
    for (const std::string& shape : shapes) {
        const BenchResult *a = first.find(shape), *b = source.find(shape);
        if (a == nullptr || b == nullptr) continue;
        sum += std::log(b->median_us / a->median_us);
        ++count;
    }
    return {count > 0 ? std::exp(sum / static_cast<double>(count)) : 1.0, count};
}

std::string verdict(const std::vector<Source>& sources, const std::vector<std::string>& shapes) {
    std::string text;
    for (std::size_t i = 1; i < sources.size(); ++i) {
        const Mean mean = mean_over(sources[i], sources[0], shapes);
        if (!text.empty()) text += " ";
        text += sources[i].name;
        if (mean.shapes == 0)
            text += " has no shape in common with " + sources[0].name + ".";
        else
            text += " takes " + ratio_text(mean.ratio) + " the time of " + sources[0].name +
                    " over " + counted(mean.shapes, "shape") + ".";
    }
    return text;
}

std::string legend(const std::vector<BenchReport>& reports) {
    std::string items;
    for (std::size_t i = 0; i < reports.size(); ++i) {
        const BenchReport& r = reports[i];
        std::string line =
            letter(i) + ": " + std::filesystem::path(r.file).filename().string() + " · " + r.cpu();
        for (const std::string& port : ports_of(r)) line += " · " + port;
        for (const char* key : {"headroom", "compiler", "date"}) {
            if (const auto found = r.machine.find(key); found != r.machine.end())
                line += std::string(" · ") + (std::string(key) == "headroom" ? "headroom " : "") +
                        found->second;
        }
        items += element("li", line) + "\n";
    }
    return "<ul class=\"facts\">\n" + items + "</ul>\n";
}

std::string card(const std::string& shape, const std::vector<Source>& sources) {
    const BenchResult* const first = sources.front().find(shape);
    double longest = 0.0;
    for (const Source& source : sources) {
        if (const BenchResult* const r = source.find(shape))
            longest = std::max(longest, r->median_us);
    }
    std::vector<Bar> bars;
    for (const Source& source : sources) {
        const BenchResult* const r = source.find(shape);
        if (r == nullptr) {
            bars.push_back({source.label, 0.0, "-", "", "none"});
            continue;
        }
        const std::string kind = "run" + std::to_string(source.colour);
        const double length = r->median_us / longest;
        if (first == nullptr) {
            bars.push_back({source.label, length, time_text(r->median_us), "", kind});
            continue;
        }
        const double ratio = r->median_us / first->median_us;  // a few per cent are noise
        const std::string verdict = ratio > 1.03 ? " slower" : ratio < 0.97 ? " faster" : "";
        bars.push_back(
            {source.label, length, time_text(r->median_us), ratio_text(ratio), kind + verdict});
    }
    return "<div class=\"card\"><h3><span>" + escaped(shape) + "</span></h3>\n" + bars_of(bars) +
           "</div>\n";
}

std::string table(const std::vector<Source>& sources, const std::vector<std::string>& shapes) {
    std::string head = element("th", "shape"), rows;
    for (const Source& source : sources) {
        head += element("th", source.name) + element("th", "of its roof") +
                element("th", "to fastest peer");
    }
    for (const std::string& shape : shapes) {
        rows += "<tr>" + element("th", shape);
        for (const Source& source : sources) {
            const BenchResult* const r = source.find(shape);
            rows += element("td", r != nullptr ? time_text(r->median_us) : "-") +
                    element("td", r != nullptr ? share_text(r->roof_share()) : "-") +
                    element("td", r != nullptr && r->ratio() ? ratio_text(*r->ratio()) : "-");
        }
        rows += "</tr>\n";
    }
    return "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Numbers\"><table>"
           "<thead><tr>" +
           head + "</tr></thead>\n<tbody>\n" + rows + "</tbody></table></div>\n";
}

// Each source's bars of nearness, beside each other.
std::string near_the_roof(const std::vector<Source>& sources,
                          const std::vector<std::string>& shapes) {
    std::string cards;
    for (const Source& source : sources) {
        std::vector<Bar> bars;
        for (const std::string& shape : shapes) {
            const BenchResult* const r = source.find(shape);
            if (r == nullptr || !r->roof_share()) continue;
            bars.push_back(
                {shape, *r->roof_share(), roof_text(*r), "", nearness(*r->roof_share())});
        }
        if (bars.empty()) continue;
        cards += "<div class=\"card list\"><h3><span>" + escaped(source.label) + "</span></h3>\n" +
                 bars_of(bars) + "</div>\n";
    }
    if (cards.empty()) return {};
    return "<h2>How near the roof</h2>\n<p class=\"hint\">Each against what its own core can "
           "do.</p>\n<div class=\"cards wide\">\n" +
           cards + "</div>\n";
}

}  // namespace

std::string comparison_page(const std::vector<BenchReport>& reports) {
    const std::vector<Source> sources = sources_of(reports);
    const std::vector<std::string> shapes = shapes_of(reports);
    std::string cards;
    for (const std::string& shape : shapes) cards += card(shape, sources);
    const std::string body =
        "<p class=\"kind\">headroom bench --compare</p>\n" +
        element("h1", "Attention, " + counted(static_cast<std::int64_t>(reports.size()), "run") +
                          " side by side") +
        "\n" + element("p", verdict(sources, shapes), "class=\"verdict\"") + "\n" +
        legend(reports) +
        "<h2>Times</h2>\n<p class=\"hint\">Medians of one call; shorter is better. On the right "
        "the "
        "time over that of " +
        escaped(sources.front().name) +
        ", green where it is faster, red where it is slower by more than 3 %.</p>\n"
        "<div class=\"cards\">\n" +
        cards + "</div>\n" + near_the_roof(sources, shapes) + "<h2>Numbers</h2>\n" +
        table(sources, shapes);
    return page_of("headroom bench: comparison", body);
}

}  // namespace headroom::tools
