#include "tools/bench/table.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace headroom::tools {
namespace {

template <class... Values>
std::string format(const char* how, Values... values) {
    char text[256];
    std::snprintf(text, sizeof text, how, values...);
    return text;
}

// Three significant digits, and no exponent.
std::string three_digits(double value) {
    return format(value < 9.995 ? "%.2f" : value < 99.95 ? "%.1f" : "%.0f", value);
}

}  // namespace

std::string time_text(double us) {
    if (us < 999.5) return three_digits(us) + " us";
    if (us < 999.5e3) return three_digits(1e-3 * us) + " ms";
    return three_digits(1e-6 * us) + " s";
}

std::string bytes_text(double bytes) {
    if (bytes < 1024.0) return format("%.0f B", bytes);
    const double kilobytes = bytes / 1024.0;
    if (kilobytes < 1024.0) return three_digits(kilobytes) + " KB";
    return three_digits(kilobytes / 1024.0) + " MB";
}

std::string share_text(const std::optional<double>& share) {
    return share ? format("%.0f %%", 100.0 * *share) : "-";
}

std::string exact_share_text(const std::optional<double>& share) {
    return share ? format("%.1f %%", 100.0 * *share) : "-";
}

std::string points_text(const std::optional<double>& points) {
    // No "-0.0".
    return points ? format("%+.1f", std::abs(*points) < 0.05 ? 0.0 : *points) : "-";
}

std::string ratio_text(double ratio) {
    return (ratio < 0.0995 ? format("%.3f", ratio) : three_digits(ratio)) + "x";
}

std::string table_head(int width, bool with_energy, bool with_peers) {
    const std::string head = format("%-*s %-12s %9s %7s %8s %6s %13s %8s", width, "shape", "port",
                                    "median", "spread", "GFLOP/s", "peak", "bandwidth", "arena");
    return head + (with_energy ? "     energy" : "") +
           (with_peers ? "   fastest peer            ratio" : "");
}

std::string table_line(const BenchResult& r, int width, bool with_energy) {
    const std::string spread = r.spread ? format("%.1f %%", 100.0 * *r.spread) : "-";
    const std::string bandwidth =
        r.bandwidth_share ? share_text(r.bandwidth_share) + " of " + r.level : "-";
    const std::string energy = r.energy_uj ? three_digits(*r.energy_uj) + " uJ" : "-";
    std::string line = format("%-*s %-12s %9s %7s %8s %6s %13s %8s", width, r.shape.c_str(),
                              r.port.c_str(), time_text(r.median_us).c_str(), spread.c_str(),
                              three_digits(r.gflops).c_str(), share_text(r.peak_share).c_str(),
                              bandwidth.c_str(), bytes_text(r.arena_bytes).c_str());
    if (with_energy) line += format(" %10s", energy.c_str());
    if (const auto* const peer = r.fastest_peer()) {
        line += format("   %-12s %9s %6s", peer->first.c_str(), time_text(peer->second).c_str(),
                       ratio_text(*r.ratio()).c_str());
    }
    return line;
}

std::string peers_table(const std::vector<BenchResult>& results) {
    std::vector<std::string> names;
    for (const BenchResult& r : results) {
        for (const auto& [name, time] : r.peers) {
            if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
        }
    }
    if (names.empty()) return {};
    const int width = name_width(results, &BenchResult::shape);
    std::string text = format("%-*s %-12s", width, "time over ours", "");
    for (const std::string& name : names) text += format(" %11s", name.c_str());
    for (const BenchResult& r : results) {
        text += format("\n%-*s %-12s", width, r.shape.c_str(), r.port.c_str());
        for (const std::string& name : names) {
            const auto peer = std::find_if(r.peers.begin(), r.peers.end(),
                                           [&](const auto& p) { return p.first == name; });
            const bool has = peer != r.peers.end();
            text += format(" %11s", has ? ratio_text(peer->second / r.median_us).c_str() : "-");
        }
    }
    return text + "\n";
}

}  // namespace headroom::tools
