// headroom: multi-head attention in memory that the caller owns.
//
//   attention.hpp              attend(): attention on projected tensors or on a cache
//   multi_head_attention.hpp   MultiHeadAttention<shape>: a whole layer
//   features.hpp               softcap, ALiBi, masks, sinks, weights, statistics
//   rotary.hpp                 rotary position embedding
//   kv_cache.hpp               the cache of keys and values
//   weights.hpp                packing a layer's weights
//   shape.hpp  cost.hpp        the bytes of a layer, and the work of a token
//   port.hpp                   choosing an instruction set
//   executor.hpp               using several cores; on POSIX thread_pool.hpp, a library of its own
//   self_test.hpp              whether this device gives the bits that all give
//   headroom.h                 the same from C
#pragma once

#include <headroom/attention.hpp>
#include <headroom/cost.hpp>
#include <headroom/executor.hpp>
#include <headroom/features.hpp>
#include <headroom/kv_cache.hpp>
#include <headroom/multi_head_attention.hpp>
#include <headroom/options.hpp>
#include <headroom/port.hpp>
#include <headroom/rotary.hpp>
#include <headroom/self_test.hpp>
#include <headroom/self_test_part.hpp>
#include <headroom/shape.hpp>
#include <headroom/status.hpp>
#include <headroom/tensor.hpp>
#include <headroom/version.hpp>
#include <headroom/weights.hpp>
