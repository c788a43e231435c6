#include "tools/bench/page.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "tools/bench/page_parts.hpp"
#include "tools/bench/table.hpp"
#include "tools/names.hpp"

namespace headroom::tools {
namespace {

using Results = std::vector<BenchResult>;

// What other libraries take, of those that were measured.
std::string verdict_on_peers(const Results& results) {
    const auto compared = std::count_if(results.begin(), results.end(),
                                        [](const BenchResult&r) { return r.ratio().has_value(); }),
               ahead = std::count_if(results.begin(), results.end(),
                                     [](const BenchResult&r) { return r.ratio() > 1.0; });
    if (compared == 0) return "No other library was measured beside it.";
    const auto closest = *std::min_element(
        results.begin(), results.end(), [](const BenchResult& a, const BenchResult& b) {
            return a.ratio().value_or(1e30) < b.ratio().value_or(1e30);
        });
    std::string text = "Faster than every other library";
    if (ahead < compared)
        text += " on " + std::to_string(ahead) + " of " + std::to_string(compared);
    else if (compared > 1)
        text += " on all " + std::to_string(compared);
    const double ratio = *closest.ratio();
    return text + (ratio < 1.0 ? "; furthest ahead of us is " : "; the closest is ") +
           closest.fastest_peer()->first + " on " + closest.shape + ", which takes " +
           ratio_text(ratio) + " our time.";
}

bool has_limits(const Results& results) {
    return std::any_of(results.begin(), results.end(),
                       [](const BenchResult& r) { return r.roof_share().has_value(); });
}

// The first sentence: how many are near the roof, and whether any peer is ahead.
std::string verdict(const Results& results) {
    std::int64_t known = 0, near = 0;
    for (const BenchResult& r : results) {
        if (!r.roof_share()) continue;
        ++known;
        near += nearness(*r.roof_share()) == "near";
    }
    if (known == 0) return verdict_on_peers(results);
    const bool all = known == static_cast<std::int64_t>(results.size());
    return std::to_string(near) + " of " + counted(known, "shape") +
           (all ? "" : " with a measured limit") + " within 20 % of what the core can do. " +
           verdict_on_peers(results);
}

std::string facts(const BenchReport& report, const std::string& port) {
    std::string items;
    const auto add = [&](const std::string& text) { items += element("li", text) + "\n"; };
    std::string line;
    for (const auto& [label, key] :
         {std::pair("measured ", "date"), std::pair("headroom ", "headroom"),
          std::pair("", "compiler"), std::pair("core ", "core"), std::pair("", "caches")}) {
        const auto found = report.machine.find(key);
        if (found == report.machine.end()) continue;
        line += (line.empty() ? "" : " · ") + std::string(label) + found->second;
    }
    if (!line.empty()) add(line);
    if (const auto peers = report.peers.find(port); peers != report.peers.end()) {
        for (const auto& [name, words] : peers->second) add(name + ": " + words);
    }
    return "<ul class=\"facts\">\n" + items + "</ul>\n";
}

std::string near_the_roof(const BenchReport& report, const std::string& port,
                          const Results& results) {
    if (!has_limits(results)) return {};
    std::vector<Bar> bars;
    for (std::size_t i = 0; i < results.size(); ++i) {
        const BenchResult& r = results[i];
        const double share = r.roof_share().value_or(0.0);
        bars.push_back({std::to_string(i + 1) + "  " + r.shape, share, roof_text(r), "",
                        r.roof_share() ? nearness(share) : "", shape_words(r.shape)});
    }
    return "<h2>How near the roof</h2>\n<div class=\"split\">\n" + roofline(report, port) +
           "<div class=\"list\">\n<p class=\"hint\">Of the nearer of two limits: the core's fused "
           "multiply-adds, and reading the same data from where it lies.</p>\n" +
           bars_of(bars) +
           "<p class=\"legend\"><span><i class=\"near\"></i>80 % and more</span>"
           "<span><i class=\"middle\"></i>60 to 80 %</span><span><i class=\"far\"></i>less</span>"
           "</p>\n</div>\n</div>\n";
}

// Ours and its peers, the fastest first.
std::string peers_card(const BenchResult& r) {
    auto times = r.peers;
    times.emplace_back("headroom", r.median_us);
    std::stable_sort(times.begin(), times.end(),
                     [](const auto& a, const auto& b) { return a.second < b.second; });
    constexpr double longest = 4.0;  // times ours; beyond, bars are cut off
    const double whole = std::min(times.back().second, longest * r.median_us);
    std::vector<Bar> bars;
    for (const auto& [name, time] : times) {
        const bool ours = name == "headroom";
        bars.push_back({name, time / whole, time_text(time),
                        ours ? "1x" : ratio_text(time / r.median_us),
                        ours                 ? "ours"
                        : time < r.median_us ? "ahead"
                                             : ""});
    }
    const double ratio = *r.ratio();
    return "<div class=\"card\"><h3><span>" + name_markup(r.shape) + "</span><span class=\"ratio " +
           (ratio >= 1.0 ? "good\">" : "bad\">") + ratio_text(ratio) + "</span></h3>\n" +
           bars_of(bars) + "</div>\n";
}

std::string beside_others(const Results& results) {
    std::string cards;
    for (const BenchResult& r : results) {
        if (r.ratio()) cards += peers_card(r);
    }
    if (cards.empty()) return {};
    return "<h2>Beside other libraries</h2>\n<p class=\"hint\">Median times of one call, the "
           "fastest first; shorter is better. On the right the time over ours, and above it that "
           "of "
           "the fastest peer: above 1x we are ahead. Bars beyond four times ours are cut off.</p>\n"
           "<div class=\"cards\">\n" +
           cards + "</div>\n";
}

std::string numbers(const Results& results) {
    const bool energy = std::any_of(results.begin(), results.end(),
                                    [](const BenchResult& r) { return r.energy_uj.has_value(); });
    std::string head, rows;
    for (const char* name : {"shape", "median", "spread", "GFLOP/s", "of FMA peak", "of bandwidth",
                             "data in", "arena"})
        head += element("th", name);
    if (energy) head += element("th", "energy");
    for (const BenchResult& r : results) {
        char gflops[32], spread[32], joules[32];
        std::snprintf(gflops, sizeof gflops, "%.1f", r.gflops);
        std::snprintf(spread, sizeof spread, "%.1f %%", 100.0 * r.spread.value_or(0.0));
        std::snprintf(joules, sizeof joules, "%.1f uJ", r.energy_uj.value_or(0.0));
        rows += "<tr><th>" + escaped(r.shape) + element("small", shape_words(r.shape)) + "</th>";
        for (const std::string& cell :
             {time_text(r.median_us), std::string(r.spread ? spread : "-"), std::string(gflops),
              share_text(r.peak_share), share_text(r.bandwidth_share),
              r.level.empty() ? std::string("-") : r.level, bytes_text(r.arena_bytes)})
            rows += element("td", cell);
        if (energy) rows += element("td", r.energy_uj ? joules : "-");
        rows += "</tr>\n";
    }
    return "<h2>Numbers</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
           "aria-label=\"Numbers\"><table><thead><tr>" +
           head + "</tr></thead>\n<tbody>\n" + rows + "</tbody></table></div>\n";
}

// How what the page shows was measured, and no more.
std::string reading(const BenchReport& report) {
    const Results& all = report.results;
    const bool peers = std::any_of(all.begin(), all.end(),
                                   [](const BenchResult&r) { return r.ratio().has_value(); }),
               spread = std::any_of(all.begin(), all.end(),
                                    [](const BenchResult&r) { return r.spread.has_value(); });
    std::string text =
        "One thread on one core, f32, through the public interface with all its checks.";
    if (peers || has_limits(all)) {
        text += std::string(" Short slices of ") + (peers ? "all libraries" : "the call") +
                (has_limits(all) ? (peers ? ", of the multiply-add loop and of the read loop"
                                          : ", the multiply-add loop and the read loop")
                                 : "") +
                " follow each other in turn, so that a change of the clock rate meets all of them.";
    }
    if (!report.features.empty())
        text += " Slices of the plain call and of those with a feature follow each other in turn.";
    text += " Every time is a median over slices";
    text += spread ? ", and the spread is half of the distance between the quartiles." : ".";
    text += " Time is that of the thread: what other programs took away does not count.";
    if (!all.empty() || !report.features.empty()) {
        text += peers ? " Each library's output was" : " Outputs were";
        text += " compared with double precision before.";
    }
    if (!all.empty())
        text +=
            " The arena is the scratch and the cache that the caller provides; packed weights do "
            "not count.";
    return "<h2>How this was measured</h2>\n" + element("p", text, "class=\"hint\"") + "\n";
}

// Of what else was measured, where there are no shapes.
std::string headline(const BenchReport& report, const std::string& port) {
    const auto features = report.features.find(port);
    const auto growth = report.growth.find(port);
    std::string text;
    if (features != report.features.end()) text = features_headline(features->second);
    if (growth != report.growth.end())
        text += (text.empty() ? "" : " ") + growth_headline(growth->second);
    return text;
}

}  // namespace

std::string bench_page(const BenchReport& report) {
    const std::vector<std::string> ports = ports_of(report);
    std::string body = "<p class=\"kind\">headroom bench</p>\n" +
                       element("h1", "Attention on " + report.cpu()) + "\n";
    for (const std::string& port : ports) {
        const Results results = results_of(report, port);
        body += "<section>\n";
        if (ports.size() > 1) body += "<h2 class=\"port\">" + escaped(port) + "</h2>\n";
        const bool has_features = report.features.contains(port);
        const std::string words = results.empty() ? headline(report, port) : verdict(results);
        body += element("p", (ports.size() == 1 ? port + ": " : "") + words, "class=\"verdict\"") +
                "\n" + facts(report, port);
        if (!results.empty()) body += near_the_roof(report, port, results) + beside_others(results);
        if (has_features) body += features_section(report.features.at(port));
        if (const auto growth = report.growth.find(port); growth != report.growth.end())
            body += growth_section(growth->second);
        if (!results.empty()) body += numbers(results);
        body += "</section>\n";
    }
    return page_of("headroom bench: " + report.cpu(), body + reading(report));
}

}  // namespace headroom::tools
