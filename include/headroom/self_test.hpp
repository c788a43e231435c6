// The self-test: whether this device, as it is built and set up, gives the bits that all give.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <headroom/detail/self_test.hpp>
#include <headroom/port.hpp>
#include <headroom/self_test_part.hpp>
#include <headroom/status.hpp>

namespace headroom {

/// What a program uses, and what its self-test therefore checks: AttendTensors,
/// AttendCache, Projections (self_test_part.hpp), features
/// (features.hpp, RotaryTables also for rotate(), RotaryComputed also for build_rotary()), layers,
/// and other configurations.
///
///   using Used = headroom::Configuration<Layer, headroom::Softcap, headroom::RotaryTables>;
///   alignas(64) static std::byte scratch[headroom::self_test_bytes<Used>];  // any scratch will do
///   const headroom::Result result = headroom::self_test<Used>(scratch);
///
/// A MultiHeadAttention stands for AttendCache and Projections, and for ExtraKey and RotaryComputed
/// where its shape has them; sizes do not matter, the inputs are always the same. An Executor is
/// the caller's and no part. Configuration<> checks the floating-point environment alone.
template <class... Parts>
struct Configuration {};

/// Bytes of scratch for self_test(): 14.6 KB with attention on tensors or features, 18.1 with a
/// cache, 4 KB for projections or rotary embedding alone. Most of it is the smallest scratch that
/// attend() takes, so the program's own scratch is usually large enough and may be lent.
template <class Used>
inline constexpr std::size_t self_test_bytes = detail::SelfTestOf<Used>::bytes;

/// Runs fixed inputs through the kernels of a configuration, and no others, and compares a hash of
/// the output bits with the contract's, which is one and the same on every platform. Before that it
/// checks the floating-point environment by computing with it:
///
/// - sums round to the nearest, ties to even;
/// - products keep subnormal numbers, in single operations and in the port's kernels. Not checked
///   in the kernels of a port whose hardware knows no other way (Port::flushes_subnormals).
///
///   1 scratch  self_test_bytes<Used> bytes, aligned to 64, overwritten, left unspecified
///   2 port     the one to check
///
/// Returns ok; too_small, misaligned or unsupported_port, about an argument and with nothing
/// written; or, with the SelfTestPart in Result::argument, bad_state (the environment: nothing has
/// been written yet, unless it is the port's kernels that flush) or bad_checksum (wrong bits).
/// The first part that fails, in the order of the configuration, is the result; parts after it have
/// not run. Leaves nothing behind but what arithmetic always does: floating-point status flags.
///
/// It finds what is wrong everywhere: a rounding mode, -ffast-math, a compiler that fuses or
/// reorders, flash that has lost bits of a kernel or its constants. Not every size has its own code
/// tested: a tile here has at most 16 rows, and unrolled copies of a loop for 48 are left out.
///
/// Work: 80,000 multiply-adds for attention on tensors, 15,000 on a cache, 8,000 for each feature
/// (40,000 where weights or statistics are looked at), 5,000 for projections: some milliseconds on
/// a Cortex-M7. Code there, at -Os and besides what attend() links: 1.6 KB for attention on
/// tensors.
template <class Used>
Result self_test(std::span<std::byte> scratch, const Port& port = best_port()) noexcept {
    const detail::SelfTest test{port, scratch};
    const Result begun = detail::begin_self_test(test, self_test_bytes<Used>);
    return begun.ok() ? detail::SelfTestOf<Used>::check(test) : begun;
}

}  // namespace headroom
