// What a run of `headroom bench` found, and its file: JSON as bench/README.md describes it.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/bench/features.hpp"
#include "tools/bench/growth.hpp"

namespace headroom::tools {

struct BenchResult {
    std::string shape;
    std::string port;
    double median_us = 0.0;
    double gflops = 0.0;
    std::optional<double> peak_share;       ///< Of the core's FMA peak with the port's vectors.
    std::optional<double> bandwidth_share;  ///< Of the read bandwidth where the data lies.
    double arena_bytes = 0.0;
    std::vector<std::pair<std::string, double>> peers;  ///< Their medians in microseconds.
    std::optional<double> spread;     ///< Half of the distance between the quartiles, a share.
    std::string level;                ///< Where the data lies: "L1" ... "memory"; or empty.
    std::optional<double> intensity;  ///< Operations for each byte moved.
    std::optional<double> energy_uj;  ///< Of a call, of the whole processor package.

    /// The peer of the shortest time; null if there is none.
    const std::pair<std::string, double>* fastest_peer() const;

    /// The fastest peer's median over ours: above 1 we are faster.
    std::optional<double> ratio() const;

    /// The share of whichever roof is nearer.
    std::optional<double> roof_share() const;
    bool bound_by_bandwidth() const;
};

struct BenchReport {
    std::string file;                            ///< Where it was read from; empty: measured now.
    std::map<std::string, std::string> machine;  ///< cpu, compiler, version, date, core, caches.
    /// For each port, each peer's version or why it was skipped.
    std::map<std::string, std::vector<std::pair<std::string, std::string>>> peers;
    std::map<std::string, double> peak;  ///< GFLOP/s, for each port.
    /// GB/s of each level, the nearest first, for each port.
    std::map<std::string, std::vector<std::pair<std::string, double>>> bandwidth;
    std::vector<BenchResult> results;
    /// For each port; empty: not measured.
    std::map<std::string, std::vector<FeatureTimes>> features;
    std::map<std::string, Growth> growth;
    bool has_energy = false;  ///< The machine counts it.

    std::string cpu() const;
};

std::string to_json(const BenchReport& report);

/// Throws UserError, naming the file and what in it is wrong.
BenchReport read_bench_report(const std::filesystem::path& path);

}  // namespace headroom::tools
