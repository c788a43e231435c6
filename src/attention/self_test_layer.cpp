// What only layers use, in a self-test: projections and rotary embedding. Any numbers are weights,
// and any are cosines.
#include "attention/self_test.hpp"

#include "kernels/kernels.hpp"

namespace headroom::detail {
namespace {

// After the inputs; projections write twice as much as attention.
std::span<float> results_of(const SelfTest& test) noexcept {
    return floats_of(test.scratch.subspan(self_test_numbers, 2 * self_test_outputs));
}

}  // namespace

// A whole group of panels and a short one with outputs that are padding; many tokens, one, and
// heads that are left out.
std::uint32_t hash_projections(const SelfTest& test) noexcept {
    constexpr Index inputs = 6, outputs = 69, panels = 5, segment = 2;
    static_assert(panels * kLanes * inputs * sizeof(float) <= self_test_numbers);
    constexpr bool keep[inputs / segment] = {true, false, true};
    const std::span<float> y = results_of(test);
    const auto numbers = numbers_of(test);
    std::uint32_t hash = 0;
    for (const Index rows : {7, 1, -2}) {
        const Index count = rows < 0 ? -rows : rows;
        project_on(test.port, {numbers.data() + 40, 3, count, inputs, numbers.data(),
                               numbers.data() + 100, panels, 0, panels, y.data(), outputs, outputs,
                               rows < 0 ? keep : nullptr, segment});
        hash = mix(hash, y.first(static_cast<std::size_t>(count * outputs)));
    }
    return hash;
}

// Pairs in halves, some in whole registers and some not, then interleaved, in place.
std::uint32_t hash_rotation(const SelfTest& test) noexcept {
    constexpr Index width = 40, dim = 36, few = 10;
    float* const out = results_of(test).data();
    const float* const in = numbers_of(test).data();
    rotate_on(test.port, {in, out, width, dim, RotaryPairs::halves, in + 50, in + 90});
    rotate_on(test.port, {out, out, width, few, RotaryPairs::interleaved, in + 130, in + 170});
    return mix(0, results_of(test).first(width));
}

std::uint32_t hash_rotary(const SelfTest& test) noexcept {
    constexpr int dim = 10;
    constexpr Index positions = 3, size = positions * dim / 2;
    const auto tables = results_of(test).first(2 * size);
    double frequencies[dim / 2];
    std::uint32_t hash = 0;
    for (const RotaryScaling scaling :
         {RotaryScaling::linear, RotaryScaling::ntk, RotaryScaling::yarn}) {
        RotaryParameters parameters;
        parameters.dim = dim;
        parameters.scaling = scaling;
        parameters.factor = 4.0;
        parameters.original_positions = 128;
        compute_rotary(parameters, 1000, positions, tables.data(), tables.data() + size,
                       frequencies);
        hash = mix(hash, tables);
    }
    return hash;
}

}  // namespace headroom::detail
