#include "tools/attend_problem.hpp"

#include <algorithm>

namespace headroom::tools {
namespace {

// A feature enters the public attend() by its type. What is known at run time only is bound here
// one by one, as attend() does it for its arguments.
detail::Features features_of(const Port& port, const AttendProblem& problem,
                             detail::HeldChecks& checks) {
    detail::Features features;
    std::uint8_t at = 8;
    const auto one = [&](const auto& feature) {
        if (feature) checks.bind(features, port, at++, *feature);
    };
    one(problem.softcap), one(problem.bias), one(problem.mask), one(problem.sinks),
        one(problem.weights);
    return features;
}

template <class T>
Mask<T> part_of(Mask<T> mask, Index batch, Index first) {
    const auto skip =
        static_cast<std::size_t>(batch * mask.batch_stride + first * mask.query_stride);
    mask.data = mask.data.subspan(std::min(skip, mask.data.size()));
    return mask;
}

}  // namespace

std::size_t scratch_bytes_of(const AttendProblem& problem) {
    return scratch_bytes(AttendShape{std::max<Index>(problem.query.tokens, 1), problem.query.heads,
                                     problem.key.heads, problem.query.width, problem.value.width});
}

Result solve(const Port& port, const AttendProblem& problem, std::span<std::byte> scratch) {
    detail::HeldChecks checks;
    const detail::Features features = features_of(port, problem, checks);
    return detail::attend({port, problem.query, problem.key, problem.value, nullptr, problem.out,
                           scratch, problem.how, features});
}

Result solve(const Port& port, const AttendProblem& problem, const KvCache& cache,
             std::span<std::byte> scratch) {
    detail::HeldChecks checks;
    const detail::Features features = features_of(port, problem, checks);
    return detail::attend({port, problem.query, detail::no_tensor, detail::no_tensor, &cache,
                           problem.out, scratch, problem.how, features});
}

AttendProblem part_of(const AttendProblem& all, Index batch, Index first, Index count) {
    AttendProblem part = all;
    const auto b = static_cast<std::size_t>(batch);
    part.query = tokens_of(all.query, batch, first, count);
    part.key = tokens_of(all.key, batch, 0, all.key.tokens);
    part.value = tokens_of(all.value, batch, 0, all.value.tokens);
    part.out = tokens_of(all.out, batch, first, count);
    Attention& how = part.how;
    if (!how.first_positions.empty()) how.first_position = how.first_positions[b];
    how.first_position += first;
    how.first_positions = {};
    if (!how.valid_keys.empty()) how.valid_keys = how.valid_keys.subspan(b, 1);
    if (part.bias) part.bias->values = part_of(part.bias->values, batch, first);
    if (part.mask) part.mask->visible = part_of(part.mask->visible, batch, first);
    part.weights.reset();
    return part;
}

}  // namespace headroom::tools
