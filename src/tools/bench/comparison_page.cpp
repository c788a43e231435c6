#include <algorithm>
#include <cctype>
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
    std::size_t file;
    std::string port;
    std::string name;   // "A"
    std::string label;  // "A · bench"

    const BenchResult* find(const std::string& shape) const {
        const auto& all = report->results;
        const auto found = std::find_if(all.begin(), all.end(), [&](const BenchResult& r) {
            return r.port == port && r.shape == shape;
        });
        return found == all.end() ? nullptr : &*found;
    }
};

// What is held against the first of it. Like with like: all runs of a port; and, where there is
// nothing like it, ports that no earlier run has, beside the first run's first port.
struct Group {
    std::string port;
    std::vector<Source> sources;

    const Source& basis() const { return sources.front(); }
    bool is_mixed() const { return sources.back().port != port; }
    std::string port_of(const Source& source) const { return is_mixed() ? source.port : ""; }

    // Its port, and those that are beside it.
    std::string title() const {
        std::vector<std::string> ports{port};
        std::string text = port;
        for (const Source& source : sources) {
            if (std::find(ports.begin(), ports.end(), source.port) != ports.end()) continue;
            ports.push_back(source.port);
            text += ", " + source.port;
        }
        return text;
    }

    std::vector<std::string> shapes() const {
        std::vector<std::string> names;
        for (const Source& source : sources) {
            for (const BenchResult& r : results_of(*source.report, source.port)) {
                if (std::find(names.begin(), names.end(), r.shape) == names.end())
                    names.push_back(r.shape);
            }
        }
        return names;
    }
};

std::string letter(std::size_t index) {
    return index < 26 ? std::string(1, static_cast<char>('A' + index)) : std::to_string(index + 1);
}

// The file's name; its path where another one has the same name.
std::filesystem::path file_of(const std::vector<BenchReport>& reports, std::size_t index) {
    const std::filesystem::path path = reports[index].file;
    const auto same = std::count_if(reports.begin(), reports.end(), [&](const BenchReport& other) {
        return std::filesystem::path(other.file).filename() == path.filename();
    });
    return same > 1 ? path : path.filename();
}

std::vector<Group> groups_of(const std::vector<BenchReport>& reports) {
    std::vector<Group> groups;
    for (std::size_t i = 0; i < reports.size(); ++i) {
        const std::string label =
            letter(i) + " · " + std::filesystem::path(reports[i].file).stem().string();
        for (const std::string& port : ports_of(reports[i])) {
            const Source source{&reports[i], i, port, letter(i), label};
            if (results_of(reports[i], port).empty()) continue;  // features or growth only
            const auto like = std::find_if(groups.begin(), groups.end(),
                                           [&](const Group& group) { return group.port == port; });
            if (like != groups.end()) {
                like->sources.push_back(source);
                continue;
            }
            groups.push_back({port, {source}});
            if (i > 0) groups.front().sources.push_back(source);
        }
    }
    // A port that only one later run has is beside the first port already.
    std::erase_if(groups, [](const Group& group) {
        return group.sources.size() == 1 && group.basis().file > 0;
    });
    for (Group& group : groups) {
        std::stable_partition(group.sources.begin(), group.sources.end(),
                              [&](const Source& source) { return source.port == group.port; });
    }
    return groups;
}

// A time over the basis's: 1 faster, -1 slower, 0 where that may be noise.
int verdict_of(const BenchResult& r, const BenchResult& basis) {
    const double noise = std::max(0.05, r.spread.value_or(0.0) + basis.spread.value_or(0.0));
    const double ratio = r.median_us / basis.median_us;
    return ratio > 1.0 + noise ? -1 : ratio < 1.0 - noise ? 1 : 0;
}

// Over the shapes that both have; the mean is geometric.
std::string sentence(const Source& source, const Group& group) {
    const Source& basis = group.basis();
    double sum = 0.0;
    std::int64_t count = 0, faster = 0, slower = 0;
    for (const std::string& shape : group.shapes()) {
        const BenchResult *a = basis.find(shape), *b = source.find(shape);
        if (a == nullptr || b == nullptr) continue;
        sum += std::log(b->median_us / a->median_us);
        faster += verdict_of(*b, *a) > 0;
        slower += verdict_of(*b, *a) < 0;
        ++count;
    }
    const bool alike = source.port == basis.port;
    const std::string other = basis.name + (alike ? "" : " on " + basis.port);
    if (count == 0) return source.name + " has no shape in common with " + other + ".";
    std::string text = source.name + " takes " +
                       ratio_text(std::exp(sum / static_cast<double>(count))) + " the time of " +
                       other + " over " + counted(count, "shape");
    const std::int64_t within = count - faster - slower;
    std::string parts;
    for (const auto& [shapes, words] :
         {std::pair(faster, "faster on "), std::pair(slower, "slower on "),
          std::pair(within, "within the noise on ")}) {
        if (shapes > 0) parts += (parts.empty() ? "" : ", ") + (words + std::to_string(shapes));
    }
    parts.front() = static_cast<char>(std::toupper(parts.front()));
    return text + ". " + parts + ".";
}

std::string verdicts(const Group& group) {
    std::string alike, unlike;
    for (std::size_t i = 1; i < group.sources.size(); ++i) {
        const Source& source = group.sources[i];
        if (source.port == group.port) {
            alike += " " + sentence(source, group);
            continue;
        }
        unlike += element("p",
                          source.port + ", which " + group.basis().name +
                              " does not have: " + sentence(source, group),
                          "class=\"verdict\"") +
                  "\n";
    }
    if (alike.empty() && unlike.empty()) alike = " only " + group.basis().name + " has it.";
    if (alike.empty()) return unlike;
    return element("p", group.port + ":" + alike, "class=\"verdict\"") + "\n" + unlike;
}

std::string legend(const std::vector<BenchReport>& reports) {
    std::string items;
    for (std::size_t i = 0; i < reports.size(); ++i) {
        const BenchReport& r = reports[i];
        std::string line = letter(i) + ": " + file_of(reports, i).string() + " · " + r.cpu();
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

std::string card(const std::string& shape, const Group& group) {
    const BenchResult* const basis = group.basis().find(shape);
    double longest = 0.0;
    for (const Source& source : group.sources) {
        if (const BenchResult* const r = source.find(shape))
            longest = std::max(longest, r->median_us);
    }
    std::vector<Bar> bars;
    for (const Source& source : group.sources) {
        const BenchResult* const r = source.find(shape);
        Bar bar{source.label, 0.0, "-", "", "none", group.port_of(source)};
        if (r != nullptr) {
            bar.length = r->median_us / longest;
            bar.value = time_text(r->median_us);
            bar.kind = "run" + std::to_string(source.file % 6);
        }
        if (r != nullptr && basis != nullptr) {
            const int verdict = verdict_of(*r, *basis);
            bar.remark = ratio_text(r->median_us / basis->median_us);
            bar.kind += verdict > 0 ? " faster" : verdict < 0 ? " slower" : "";
        }
        bars.push_back(bar);
    }
    return "<div class=\"card\">" + shape_heading(shape) + bars_of(bars) + "</div>\n";
}

std::string table(const Group& group) {
    std::string head = element("th", "shape"), rows;
    for (const Source& source : group.sources) {
        const std::string port = group.port_of(source);
        head += element("th", source.name + (port.empty() ? "" : " " + port)) +
                element("th", "spread") + element("th", "of its roof") +
                element("th", "to fastest peer");
    }
    for (const std::string& shape : group.shapes()) {
        rows += "<tr>" + element("th", shape);
        for (const Source& source : group.sources) {
            const BenchResult* const r = source.find(shape);
            rows += element("td", r != nullptr ? time_text(r->median_us) : "-") +
                    element("td", r != nullptr ? exact_share_text(r->spread) : "-") +
                    element("td", r != nullptr ? share_text(r->roof_share()) : "-") +
                    element("td", r != nullptr && r->ratio() ? ratio_text(*r->ratio()) : "-");
        }
        rows += "</tr>\n";
    }
    return "<h2>Numbers</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
           "aria-label=\"Numbers\"><table><thead><tr>" +
           head + "</tr></thead>\n<tbody>\n" + rows + "</tbody></table></div>\n";
}

// Each source's bars of nearness, beside each other.
std::string near_the_roof(const Group& group) {
    std::string cards;
    for (const Source& source : group.sources) {
        std::vector<Bar> bars;
        for (const std::string& shape : group.shapes()) {
            const BenchResult* const r = source.find(shape);
            if (r == nullptr || !r->roof_share()) continue;
            bars.push_back(
                {shape, *r->roof_share(), roof_text(*r), "", nearness(*r->roof_share())});
        }
        if (bars.empty()) continue;
        const std::string port = group.port_of(source);
        cards += "<div class=\"card list\"><h3><span>" +
                 escaped(source.label + (port.empty() ? "" : " · " + port)) + "</span></h3>\n" +
                 bars_of(bars) + "</div>\n";
    }
    if (cards.empty()) return {};
    return "<h2>How near the roof</h2>\n<p class=\"hint\">Each against what its own core can "
           "do.</p>\n<div class=\"cards wide\">\n" +
           cards + "</div>\n";
}

std::string section(const Group& group, bool with_port) {
    std::string cards;
    for (const std::string& shape : group.shapes()) cards += card(shape, group);
    const std::string basis =
        group.basis().name + (group.is_mixed() ? " on " + group.basis().port : "");
    return "<section>\n" +
           (with_port ? element("h2", group.title(), "class=\"port\"") + "\n" : std::string()) +
           "<h2>Times</h2>\n" +
           element("p",
                   "Medians of one call; shorter is better." +
                       (group.sources.size() == 1
                            ? std::string()
                            : " On the right the time over that of " + basis +
                                  ": green where it is faster, red where it is slower, by more "
                                  "than 5 % and more than both spreads together."),
                   "class=\"hint\"") +
           "\n<div class=\"cards runs\">\n" + cards + "</div>\n" + near_the_roof(group) +
           table(group) + "</section>\n";
}

}  // namespace

std::string comparison_page(const std::vector<BenchReport>& reports) {
    std::string headlines, sections;
    const std::vector<Group> groups = groups_of(reports);
    for (const Group& group : groups) {
        headlines += verdicts(group);
        sections += section(group, groups.size() > 1);
    }
    const std::string body =
        "<p class=\"kind\">headroom bench --compare</p>\n" +
        element("h1", "Attention, " + counted(static_cast<std::int64_t>(reports.size()), "run") +
                          " side by side") +
        "\n" + headlines + legend(reports) + sections;
    return page_of("headroom bench: comparison", body);
}

}  // namespace headroom::tools
