// The packed weights of a layer.
//
//   64 bytes    header, below
//   matrices    the input projections [queries | keys | values]; those of neighbours whose sources
//               are equally wide are one matrix, so that one pass over a token feeds them all;
//               then the output projection. Each lies in groups of up to 4 panels:
//               [group][inputs][16 * panels of the group]
//   biases      in the same order, each rounded up to whole panels; zeros where there is none
//   extra       key and value, if the shape has them
//
// A panel holds 16 outputs; each projection starts at a panel of its own, the last one padded with
// zeros.
#pragma once

#include <cstdint>

#include <headroom/detail/layer_layout.hpp>

namespace headroom::detail {

// Little-endian; the checksum is CRC-32 (IEEE 802.3, reflected) of every byte of the blob but
// itself.
struct WeightsHeader {
    char magic[4];  // "HRW1"
    std::uint32_t format;
    std::uint64_t bytes;
    std::int32_t model_dim, heads, kv_heads, head_dim, value_dim, key_source_dim, value_source_dim,
        output_dim;
    std::uint32_t extra_key;
    std::uint32_t reserved[2];
    std::uint32_t checksum;
};
static_assert(sizeof(WeightsHeader) == header_bytes);

}  // namespace headroom::detail
