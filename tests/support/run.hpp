// Runs a Problem: the features that it has are bound at run time as the C interface
// binds them, since a test cannot name all 2^10 combinations of types.
#pragma once

#include <vector>

#include "support/ports.hpp"
#include "support/problem.hpp"

namespace headroom::test {

struct How {
    const KvCache* cache = nullptr;  // instead of the problem's key and value
    const Executor* executor = nullptr;
    const WeightsCallback* weights = nullptr;
    const Statistics* statistics = nullptr;
    Index first = 0;  // the call's first query, and how many; -1: all the rest
    Index count = -1;
};

/// Queries first ... first + count - 1 of a tensor.
template <class T>
BasicTensor<T> tokens_of(BasicTensor<T> tensor, Index first, Index count) {
    if (count > 0 && !tensor.data.empty())
        tensor.data = tensor.data.subspan(static_cast<std::size_t>(first * tensor.token_stride));
    tensor.tokens = count;
    return tensor;
}

template <class T>
Mask<T> queries_of(Mask<T> mask, Index first) {
    if (!mask.data.empty())
        mask.data = mask.data.subspan(static_cast<std::size_t>(first * mask.query_stride));
    return mask;
}

/// Attends with scratch of exactly the bytes that are promised to do, full of NaN.
inline Result run(const Port& port, const Problem& p, const Tensor& query, const Tensor& out,
                  const How& h = {}) {
    const Sizes& s = p.sizes;
    const Index count = h.count < 0 ? s.queries - h.first : h.count;
    const int workers = h.executor == nullptr ? 1 : h.executor->workers;
    const Arena scratch(scratch_bytes(
        AttendShape{count, s.heads, s.kv_heads, s.key_width, s.value_width}, workers));

    Attention how = p.how;
    how.first_position += h.first;
    std::vector<std::int64_t> positions(how.first_positions.begin(), how.first_positions.end());
    for (auto& position : positions) position += h.first;
    how.first_positions = positions;

    detail::Features features;
    detail::HeldChecks checks;
    std::uint8_t at = h.cache == nullptr ? 8 : 7;
    const auto bind = [&](const auto& feature) { checks.bind(features, port, at++, feature); };
    ScoreBias bias;
    BoolMask mask;
    if (p.softcap) bind(*p.softcap);
    if (p.alibi) bind(*p.alibi);
    if (p.bias) bind(bias = {queries_of(p.bias->values, h.first)});
    if (p.mask) bind(mask = {queries_of(p.mask->visible, h.first)});
    if (p.sinks) bind(*p.sinks);
    if (p.extra) bind(*p.extra);
    if (p.zero) bind(*p.zero);
    if (p.heads) bind(*p.heads);
    if (h.weights != nullptr) bind(*h.weights);
    if (h.statistics != nullptr) bind(*h.statistics);
    if (h.executor != nullptr) bind(*h.executor);
    const ConstTensor queries = tokens_of<const float>(query, h.first, count);
    const Tensor outputs = tokens_of(out, h.first, count);
    const ConstTensor key = h.cache == nullptr ? p.key.view() : ConstTensor{};
    const ConstTensor value = h.cache == nullptr ? p.value.view() : ConstTensor{};
    const Result result = detail::attend(
        {port, queries, key, value, h.cache, outputs, scratch.span(), how, features});
    return scratch.intact() ? result
                            : Result{Status::bad_state, 255};  // written before the scratch
}

/// The whole problem into a fresh output of its layout, whose gaps the caller may check.
inline Result run(const Port& port, const Problem& p, const Field& out, const How& h = {}) {
    return run(port, p, p.query.view(), out.view(), h);
}

}  // namespace headroom::test
