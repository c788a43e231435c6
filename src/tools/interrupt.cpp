#include "tools/interrupt.hpp"

#include <csignal>
#include <cstdlib>

namespace headroom::tools {
namespace {

volatile std::sig_atomic_t received = 0;

void note(int signal) { received = signal; }

}  // namespace

InterruptWatch::InterruptWatch()
    : before_interrupt_(std::signal(SIGINT, note)), before_terminate_(std::signal(SIGTERM, note)) {
    // What ignored a signal goes on doing so, as under nohup.
    if (before_interrupt_ == SIG_IGN) std::signal(SIGINT, SIG_IGN);
    if (before_terminate_ == SIG_IGN) std::signal(SIGTERM, SIG_IGN);
}

InterruptWatch::~InterruptWatch() {
    std::signal(SIGINT, before_interrupt_);
    std::signal(SIGTERM, before_terminate_);
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
