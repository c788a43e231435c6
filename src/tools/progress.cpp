#include "tools/progress.hpp"

#include <cstdio>
#include <utility>

#if __has_include(<unistd.h>)
#include <unistd.h>
#endif

namespace headroom::tools {
namespace {

constexpr std::chrono::milliseconds before_first(1000), between(200);

bool is_terminal() {
#if __has_include(<unistd.h>)
    return ::isatty(STDERR_FILENO) == 1;
#else
    return false;
#endif
}

}  // namespace

Progress::Progress(std::string unit, std::int64_t all)
    : unit_(std::move(unit)),
      all_(all),
      terminal_(is_terminal()),
      next_(Clock::now() + before_first) {}

Progress::~Progress() {
    if (shown_) std::fputs("\r\x1b[K", stderr);
}

void Progress::show(std::int64_t done) {
    if (!terminal_ || Clock::now() < next_) return;
    std::fprintf(stderr, "\r%lld of %lld %s", static_cast<long long>(done),
                 static_cast<long long>(all_), unit_.c_str());
    shown_ = true;
    next_ = Clock::now() + between;
}

}  // namespace headroom::tools
