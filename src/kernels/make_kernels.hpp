// Instantiates every kernel for one port's lanes. Included once by each port, in its own
// translation unit: the lanes live in an anonymous namespace there, so no instance has a name that
// another port's object could share.
#pragma once

#include "kernels/attend_tile.hpp"
#include "kernels/join_sinks.hpp"
#include "kernels/kernels.hpp"
#include "kernels/observe.hpp"
#include "kernels/project_compact.hpp"
#include "kernels/steps.hpp"

namespace headroom::detail {

template <class L>
struct KernelsOf {
    static void attend(Tile& tile) noexcept { attend_tile<L>(tile); }
    static void project_rows(const Projection& task) noexcept { project<L>(task); }
    static void rotate_head(const Rotation& task) noexcept { rotate<L>(task); }
    static void softcap(const Tile& tile, const Scores& scores) noexcept {
        softcap_scores<L>(tile, scores);
    }
    static void alibi(const Tile& tile, const Scores& scores) noexcept {
        alibi_scores<L>(tile, scores);
    }
    static bool join(const Tile& tile) noexcept { return join_tile<L>(tile); }
    static void observe(Tile& tile) noexcept { observe_tile_rows<L>(tile); }
    // Which port has which kernel for small heads is said by constants: with its sanitizer for
    // undefined behaviour GCC does not take an address compared with null for one (bug 71962).
    static constexpr bool has_sixteen = L::width >= 8;  // narrow registers gain nothing from it
    static constexpr bool has_one = few_registers<L>;   // others gain less
    static constexpr auto sixteen() noexcept -> bool (*)(const SixteenTask&) noexcept {
        if constexpr (has_sixteen) return &attend_sixteen<L>;
        return nullptr;
    }
    static constexpr auto one() noexcept -> bool (*)(const OneTask&) noexcept {
        if constexpr (has_one) return &attend_one<L>;
        return nullptr;
    }
    static constexpr AttendSmall small() noexcept {
        if constexpr (has_sixteen) return attend_sixteens;
        if constexpr (has_one) return attend_ones;
        return nullptr;
    }
    static void exp(const float* in, float* out, Index n) noexcept {
        for (Index i = 0; i < n; i += L::width) L::store(out + i, exp_one<L>(L::load(in + i)));
    }
    static void tanh(const float* in, float* out, Index n) noexcept {
        for (Index i = 0; i < n; i += L::width)
            L::store(out + i, tanh_register<L>(L::load(in + i)));
    }
};

template <class L>
constexpr Kernels make_kernels() noexcept {
    using K = KernelsOf<L>;
    return {K::attend,  K::small(), K::sixteen(), K::one(),   K::project_rows, K::rotate_head,
            K::softcap, K::alibi,   K::join,      K::observe, K::exp,          K::tanh};
}

}  // namespace headroom::detail
