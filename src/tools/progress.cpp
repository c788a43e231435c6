#include "tools/progress.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "tools/terminal.hpp"

namespace headroom::tools {
namespace {

constexpr std::chrono::seconds silence{1};
constexpr std::chrono::milliseconds pause{200};

}  // namespace

Progress::Progress(std::string what, double total)
    : what_(std::move(what)), total_(total), terminal_(is_terminal(stderr)) {}

Progress::~Progress() { hide(); }

void Progress::hide() {
    if (printed_) std::fprintf(stderr, "\r%*s\r", static_cast<int>(what_.size()) + 32, "");
    printed_ = false;
}

void Progress::reach(double done) {
    done_ = done;
    const Clock::time_point now = Clock::now();
    if (!terminal_ || now - start_ < silence || (printed_ && now - last_ < pause)) return;
    last_ = now;
    printed_ = true;
    const double share = total_ > 0 ? std::min(done_ / total_, 1.0) : 1.0;
    const std::chrono::duration<double> spent = now - start_;
    const double left = share > 0 ? std::ceil(spent.count() * (1 / share - 1)) : 0;
    std::fprintf(stderr, "\r%s: %3.0f %%, %.0f s left    ", what_.c_str(), 100 * share, left);
    std::fflush(stderr);
}

}  // namespace headroom::tools
