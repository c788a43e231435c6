#pragma once

namespace headroom::board {

/// Lets ticks() count. Each board's own; called once, before main().
void start_timer() noexcept;

}  // namespace headroom::board
