// Ctrl-C during long work: what was begun is cleaned up before the program ends.
#pragma once

namespace headroom::tools {

/// Thrown by throw_if_interrupted(); no UserError: the program shall end by the signal itself.
struct Interrupted {
    int signal;
};

/// While it lives, SIGINT and SIGTERM only leave a note.
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
    Handler before_interrupt_;
    Handler before_terminate_;
};

/// Ends the program as the signal would have ended it.
[[noreturn]] void end_by(const Interrupted& interrupted);

}  // namespace headroom::tools
