#include "bench/system.hpp"

#include <sched.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace bench {
namespace {

template <class Value>
std::optional<Value> read(const std::filesystem::path& path) {
    std::ifstream file(path);
    Value value{};
    if (!(file >> value)) return std::nullopt;
    return value;
}

// "48K", "2M"
std::size_t bytes_of_size(const std::string& text) {
    std::istringstream stream(text);
    std::size_t number = 0;
    char unit = 0;
    stream >> number >> unit;
    return number * (unit == 'K' ? 1024u : unit == 'M' ? 1024u * 1024u : 1u);
}

}  // namespace

std::vector<CacheLevel> cache_levels() {
    std::vector<CacheLevel> levels;
    const std::filesystem::path all = "/sys/devices/system/cpu/cpu0/cache";
    for (int i = 0; i < 8; ++i) {
        const auto folder = all / ("index" + std::to_string(i));
        const auto level = read<int>(folder / "level");
        const auto type = read<std::string>(folder / "type"),
                   size = read<std::string>(folder / "size");
        if (level && type && size && *type != "Instruction")
            levels.push_back({"L" + std::to_string(*level), bytes_of_size(*size)});
    }
    std::sort(levels.begin(), levels.end(),
              [](const CacheLevel& a, const CacheLevel& b) { return a.name < b.name; });
    return levels;
}

std::vector<int> usable_cores() {
    cpu_set_t set;
    CPU_ZERO(&set);
    std::vector<int> cores;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return cores;
    for (int i = 0; i < CPU_SETSIZE; ++i) {
        if (CPU_ISSET(i, &set)) cores.push_back(i);
    }
    return cores;
}

bool pin_to(std::span<const int> cores) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const int core : cores) CPU_SET(core, &set);
    return sched_setaffinity(0, sizeof set, &set) == 0;
}

int pin_to_one_core() {
    const std::vector<int> cores = usable_cores();
    return !cores.empty() && pin_to({&cores.back(), 1}) ? cores.back() : -1;
}

EnergyMeter::EnergyMeter(const std::filesystem::path& folder) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        // "intel-rapl:0" is a package, AMD's too; "intel-rapl:0:1" is a part of it.
        const std::string name = entry.path().filename().string();
        if (name.starts_with("intel-rapl:") && std::count(name.begin(), name.end(), ':') == 1)
            packages_.push_back({entry.path()});
    }
}

bool EnergyMeter::start() {
    for (Package& package : packages_) {
        const auto now = read<double>(package.folder / "energy_uj");
        if (!now) return false;  // since 2020 only root may read it, unless told otherwise
        package.start = *now;
    }
    return !packages_.empty();
}

std::optional<double> EnergyMeter::microjoules() const {
    double sum = 0.0;
    for (const Package& package : packages_) {
        const auto now = read<double>(package.folder / "energy_uj");
        if (!now) return std::nullopt;
        const double used = *now - package.start;
        sum += used;
        if (used < 0.0)  // it has wrapped around
            sum += read<double>(package.folder / "max_energy_range_uj").value_or(-used);
    }
    return sum;
}

std::string compiler() {
#if defined(__clang__)
    return std::string("Clang ") + __clang_version__;
#else
    return std::string("GCC ") + __VERSION__;
#endif
}

std::filesystem::path own_folder() {
    std::error_code error;
    return std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
}

}  // namespace bench
