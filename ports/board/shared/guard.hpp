#pragma once

namespace headroom::board {

/// Lets writes through null pointers, writes to constants and an overflow of the stack fault, as
/// far as the processor's memory protection and stack limit can.
void guard_memory() noexcept;

}  // namespace headroom::board
