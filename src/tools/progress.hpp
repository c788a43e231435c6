// A line on a terminal that tells how far long work has come.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace headroom::tools {

/// Shows itself on stderr after the first second, if that is a terminal, and is wiped away at the
/// end.
class Progress {
public:
    Progress(std::string unit, std::int64_t all);
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress();

    void show(std::int64_t done);

private:
    using Clock = std::chrono::steady_clock;
    std::string unit_;
    std::int64_t all_;
    bool terminal_;
    bool shown_ = false;
    Clock::time_point next_;
};

}  // namespace headroom::tools
