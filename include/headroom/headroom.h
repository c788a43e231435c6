// headroom from C: multi-head attention in memory that the caller owns. C99 and C++11.
//
// The same library as <headroom/headroom.hpp>, with the same bits; shapes and features are known at
// run time. A whole program, compiled by the tests as it stands: cc -std=c99 program.c -lheadroom
//
//   #include <headroom/headroom.h>
//   #include <stdio.h>
//
//   enum { DIM = 16, HEADS = 4, HEAD_DIM = DIM / HEADS, MAX_QUERIES = 8, MAX_KEYS = 64 };
//
//   HR_ALIGNED static unsigned char weights[HR_WEIGHTS_BYTES(DIM, HEADS, HEADS, HEAD_DIM, HEAD_DIM,
//                                                            DIM, DIM, DIM, 0)];
//   HR_ALIGNED static unsigned char state[HR_STATE_BYTES(HEADS, HEAD_DIM, HEAD_DIM, MAX_KEYS)];
//   HR_ALIGNED static unsigned char scratch[HR_SCRATCH_BYTES(HEADS, HEADS, HEAD_DIM, HEAD_DIM, 0,
//                                                            MAX_QUERIES, 1)];
//   static float matrix[DIM * DIM], tokens[MAX_QUERIES * DIM], out[MAX_QUERIES * DIM];
//
//   int main(void) {
//       const hr_shape shape = {
//           .model_dim = DIM, .heads = HEADS, .max_queries = MAX_QUERIES, .max_keys = MAX_KEYS};
//       const hr_floats identity = {matrix, DIM * DIM};
//       const hr_tensors tensors = {.query_weight = identity, .key_weight = identity,
//                                   .value_weight = identity, .output_weight = identity};
//       const hr_attention how = {.causal = true};
//       const hr_memory blob = hr_bytes(weights, sizeof weights);
//       hr_layer layer = {0};
//
//       for (int i = 0; i < DIM; ++i) matrix[i * DIM + i] = 1.0f;
//       for (int i = 0; i < MAX_QUERIES * DIM; ++i) tokens[i] = (float)(i % 7) / 4.0f;
//
//       hr_result result = hr_pack_weights(&shape, &tensors, blob);
//       if (result.status == HR_OK)
//           result = hr_layer_open(&layer, &shape, hr_best_port(),
//                                  hr_const_bytes(weights, sizeof weights));
//       if (result.status == HR_OK)
//           result = hr_layer_forward(&layer, hr_const_rows_of(tokens, MAX_QUERIES * DIM, 8, DIM),
//                                     hr_rows_of(out, MAX_QUERIES * DIM, 8, DIM),
//                                     hr_bytes(state, sizeof state),
//                                     hr_bytes(scratch, sizeof scratch), &how, NULL);
//       printf("%s: %s (argument %d), y[1][0] = %g\n", hr_port_name(hr_best_port()),
//              hr_describe(result.status), result.argument, (double)out[DIM]);
//       return result.status == HR_OK ? 0 : 1;
//   }
//
// Rules of all functions. Nothing is allocated, and nothing remembered but in the caller's memory.
// Structures of zeros are defaults. A NULL handle, port, structure or array is refused with a
// status where one is needed, never read. Views and memory are passed by value; `const` arrays are
// read only, and inputs may overlap each other. Calls with disjoint state and scratch may run at
// the same time, in threads or interrupts. A call with features or on a layer takes about 1.5 KB of
// stack (64 bits) besides what the C++ call takes: the features and views as C++ has them.
#pragma once

#include <headroom/c/attention.h>  // hr_attend(): the operator on projected tensors or on a cache
#include <headroom/c/cache.h>      // the cache of keys and values
#include <headroom/c/features.h>   // softcap, ALiBi, masks, sinks, weights, statistics, executor
#include <headroom/c/layer.h>      // hr_layer: projections, rotary embedding, cache, output
#include <headroom/c/memory.h>     // views of the caller's memory
#include <headroom/c/port.h>       // choosing an instruction set
#include <headroom/c/rotary.h>     // rotary position embedding
#include <headroom/c/self_test.h>  // whether this device gives the bits that all give
#include <headroom/c/shape.h>      // the shape of a layer, and its bytes as functions
#include <headroom/c/sizes.h>      // the same bytes as constant expressions
#include <headroom/c/status.h>     // status, result, versions
#include <headroom/c/weights.h>    // packing a layer's weights
