// What the operating system tells of this machine.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace bench {

struct CacheLevel {
    std::string name;  // "L1", "L2", "L3"
    std::size_t bytes = 0;
};

// The data caches of the first core, the nearest first; empty where the system does not tell.
std::vector<CacheLevel> cache_levels();

// Keeps this thread and those it starts on the last core that it may use, away from what runs on
// the first. Returns its number, or -1 if the system does not let us.
int pin_to_one_core();

// The cores that this thread may use, in ascending order; empty if the system does not tell.
std::vector<int> usable_cores();

// Keeps this thread and those it starts on these. Returns whether the system lets us.
bool pin_to(std::span<const int> cores);

// Energy that the processor's packages have used, counted by themselves: the powercap files that
// Linux makes of RAPL. Others' work on the same package counts too.
class EnergyMeter {
public:
    explicit EnergyMeter(const std::filesystem::path& folder = "/sys/class/powercap");

    // Starts anew; false if there is no counter that may be read.
    bool start();

    // Microjoules since then.
    std::optional<double> microjoules() const;

private:
    struct Package {
        std::filesystem::path folder;
        double start = 0.0;
    };
    std::vector<Package> packages_;
};

// The compiler that made this program, and its version.
std::string compiler();

// The folder that this program lies in.
std::filesystem::path own_folder();

}  // namespace bench
