// A line on the terminal that says how far long work has come.
#pragma once

#include <chrono>
#include <string>

namespace headroom::tools {

/// Prints to stderr if that is a terminal, the first time after a second; removes the line when it
/// is destroyed, so that what is printed next stands alone.
class Progress {
public:
    /// `total` is the amount of work, in any unit.
    Progress(std::string what, double total);
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress();

    void advance(double amount) { reach(done_ + amount); }

    /// The amount done so far, all told.
    void reach(double done);

    /// Removes the line until it is next due, so that something can be printed.
    void hide();

private:
    using Clock = std::chrono::steady_clock;

    std::string what_;
    double total_, done_ = 0;
    bool terminal_;
    bool printed_ = false;
    Clock::time_point start_ = Clock::now(), last_ = start_;
};

}  // namespace headroom::tools
