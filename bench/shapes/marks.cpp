// In a file of their own, so that no compiler knows what they do, and different, so that none makes
// one of them.
#include "bench/shapes/marks.hpp"

namespace {
volatile bool counting = false;
}

void mark_begin() { counting = true; }

void mark_end() { counting = false; }
