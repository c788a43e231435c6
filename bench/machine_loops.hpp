// What the core can do at most, by loops in assembly, so that no compiler has a say in them.
#pragma once

#include <cstddef>

namespace bench {

// Fused multiply-adds of a port's vectors as fast as they go: operations per second, two each.
// 0 where nobody has written the loop. It runs twice, and the second time counts: wide units that
// have rested for some microseconds wake slowly, and the loop lost 3 of its 35 microseconds, or 6,
// depending on what had run before.
double measure_peak(const char* port);

// Reads every line of `bytes` of memory, a multiple of 512, aligned to 64, with the port's loads;
// false where nobody has written the loop.
bool read_all(const char* port, const void* memory, std::size_t bytes);

}  // namespace bench
