#pragma once

/// The handler of every exception: prints what happened and ends the program with fault_exit_code.
extern "C" void board_fault();

namespace headroom::board {
inline constexpr int fault_exit_code = 70;
}
