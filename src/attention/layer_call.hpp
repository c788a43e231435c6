// A layer's call after its checks: where everything lies.
#pragma once

#include "attention/memory.hpp"
#include "attention/plan.hpp"

#include <headroom/detail/layer.hpp>

namespace headroom::detail {

enum class LayerUse : std::uint8_t { forward, append, attend };

struct LayerMemory {
    KvCache cache;
    const WeightsLayout* layout;
    const std::byte* blob;
    float* projected;
    Index projected_width;
    Index key_column;
    Index value_column;
    float* heads;
    float* cos;
    float* sin;
    double* frequencies;
    std::span<std::byte> tiles;

    const float* weights(std::size_t offset) const noexcept {
        return reinterpret_cast<const float*>(blob + offset);
    }
};

// Checks a call in the order of its arguments, and lays its memory out. On error nothing has been
// written.
Result prepare(const LayerCall& call, LayerUse use, LayerMemory& memory) noexcept;

// Statistics of a call without queries.
void observe_nothing(const LayerCall& call) noexcept;

}  // namespace headroom::detail
