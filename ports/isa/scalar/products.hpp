// What `Lanes` has for the kernels of a port with one float in a register (lanes.hpp): in assembler
// where ARM has such registers, else in plain C++.
#pragma once

#include "fused.hpp"

#if defined(__thumb2__) && defined(__ARM_FEATURE_FMA) && (__ARM_FP & 4)

#include "products_vfp.hpp"
#include "row_products_vfp.hpp"
#include "weigh_vfp.hpp"
#define HEADROOM_WEIGHS_PAIRS 1

#else

#include "products_plain.hpp"
#define HEADROOM_WEIGHS_PAIRS 0

#endif
