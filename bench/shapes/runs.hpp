// Runs one shape of bench/shapes.hpp on the best port, through the public API with all its checks.
#pragma once

#include "bench/shapes.hpp"
#include "bench/shapes/memory.hpp"

namespace bench {

void run(const PrefillShape& shape, Memory& memory);
void run(const DecodeShape& shape, Memory& memory);

// A layer's shape is part of its type.
void run_layer_16(Memory& memory);
void run_layer_98(Memory& memory);
void run_layer_197(Memory& memory);
void run_layer_decode_512(Memory& memory);

}  // namespace bench
