// Calling attend() with features that are known only at run time.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include <headroom/attention.hpp>

namespace headroom::tools {

/// Everything that attend() is asked for. Views: the memory is the caller's.
struct AttendProblem {
    ConstTensor query, key, value;
    Tensor out;
    Attention how = {};
    std::optional<Softcap> softcap = {};
    std::optional<ScoreBias> bias = {};
    std::optional<BoolMask> mask = {};
    std::optional<SinkLogits> sinks = {};
    std::optional<WeightsCallback> weights = {};
};

/// Bytes of scratch that solve() needs for it, as scratch_bytes().
std::size_t scratch_bytes_of(const AttendProblem& problem);

/// attend() on the problem's keys and values.
Result solve(const Port& port, const AttendProblem& problem, std::span<std::byte> scratch);

/// attend() on a cache instead.
Result solve(const Port& port, const AttendProblem& problem, const KvCache& cache,
             std::span<std::byte> scratch);

/// Tokens [first, first + count) of one sequence.
template <class T>
BasicTensor<T> tokens_of(BasicTensor<T> all, Index batch, Index first, Index count) {
    const auto skip = static_cast<std::size_t>(batch * all.batch_stride + first * all.token_stride);
    all.data = all.data.subspan(skip < all.data.size() ? skip : all.data.size());
    all.batches = 1;
    all.tokens = count;
    return all;
}

/// The part of a problem that is queries [first, first + count) of one sequence, without the
/// weights. The library gives them the same bits as in the whole problem.
AttendProblem part_of(const AttendProblem& all, Index batch, Index first, Index count);

}  // namespace headroom::tools
