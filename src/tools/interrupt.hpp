// Ctrl-C during long work: what was begun is cleaned up before the program ends.
#pragma once

#include <array>

namespace headroom::tools {

/// Thrown by throw_if_interrupted(); no UserError: the program shall end by the signal itself.
struct Interrupted {
    int signal;
};

/// While it lives, SIGINT, SIGTERM and SIGHUP only leave a note. One may live inside another.
class InterruptWatch {
public:
    InterruptWatch();
    InterruptWatch(const InterruptWatch&) = delete;
    InterruptWatch& operator=(const InterruptWatch&) = delete;
    ~InterruptWatch();

    /// Throws Interrupted if a signal has come.
    void throw_if_interrupted() const;

private:
    using Handler = void (*)(int);
    std::array<Handler, 3> before_;
};

/// Ends the program as the signal would have ended it.
[[noreturn]] void end_by(const Interrupted& interrupted);

}  // namespace headroom::tools
