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
    constexpr struct {
        Index rows;
        bool pruned;
    } calls[] = {{7, false}, {1, false}, {2, true}};
    static_assert(calls[0].rows * outputs * sizeof(float) <= 2 * self_test_outputs);
    const std::span<float> y = results_of(test);
    const auto numbers = numbers_of(test);
    std::uint32_t hash = 0;
    for (const auto& call : calls) {
        project_on(test.port, {numbers.data() + 40, 3, call.rows, inputs, numbers.data(),
                               numbers.data() + 100, panels, 0, panels, y.data(), outputs, outputs,
                               call.pruned ? keep : nullptr, segment});
        hash = mix(hash, y.first(static_cast<std::size_t>(call.rows * outputs)));
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
