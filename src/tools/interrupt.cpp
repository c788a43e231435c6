#include "tools/interrupt.hpp"

#include <array>
#include <csignal>
#include <cstddef>
#include <cstdlib>

namespace headroom::tools {
namespace {

constexpr std::array signals{SIGINT, SIGTERM, SIGHUP};
volatile std::sig_atomic_t received = 0;

void note(int signal) { received = signal; }

}  // namespace

InterruptWatch::InterruptWatch() {
    for (std::size_t i = 0; i < signals.size(); ++i) {
        before_[i] = std::signal(signals[i], note);
        // What ignored a signal goes on doing so, as under nohup.
        if (before_[i] == SIG_IGN) std::signal(signals[i], SIG_IGN);
    }
}

InterruptWatch::~InterruptWatch() {
    for (std::size_t i = 0; i < signals.size(); ++i) std::signal(signals[i], before_[i]);
}

void InterruptWatch::throw_if_interrupted() const {
    if (received != 0) throw Interrupted{received};
}

void end_by(const Interrupted& interrupted) {
    std::signal(interrupted.signal, SIG_DFL);
    std::raise(interrupted.signal);
    std::exit(1);  // not reached unless the signal is blocked
}

}  // namespace headroom::tools
