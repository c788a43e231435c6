#pragma once

namespace headroom::board {

struct Arguments {
    int count;
    char** words;
};

/// main()'s arguments and the environment, from the debugger's or emulator's command line, which
/// reads as one of `env`:
///
///     [NAME=value]... program [argument]...
///
/// Words are separated by spaces; "double quotes" keep spaces inside a word.
Arguments read_arguments() noexcept;

}  // namespace headroom::board
