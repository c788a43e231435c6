#include "conformance/attend_call.hpp"

#include <string>
#include <utility>

#include "conformance/test_case.hpp"
#include "support/bits.hpp"
#include "support/memory.hpp"

namespace headroom::conformance {
namespace {

void check_through_cache(const Port& port, const AttendProblem& problem) {
    const Index keys = problem.key.tokens;
    const CacheShape shape{.kv_heads = static_cast<int>(problem.key.heads),
                           .key_width = static_cast<int>(problem.key.width),
                           .value_width = static_cast<int>(problem.value.width),
                           .max_keys = keys};
    for (Index b = 0; b < problem.query.batches; ++b) {
        const test::Arena state(state_bytes(shape), 0, 0);
        KvCache cache;
        require_ok(cache.open(shape, state.span()), "KvCache::open");
        const Index half = keys / 2;
        for (const auto& [first, count] : {std::pair(Index{0}, half), std::pair(half, keys - half)})
            require_ok(cache.append(tools::tokens_of(problem.key, b, first, count),
                                    tools::tokens_of(problem.value, b, first, count)),
                       "KvCache::append");

        AttendProblem one = part_of(problem, b, 0, problem.query.tokens);
        const test::Field got =
            test::Field::token_major(1, one.query.tokens, one.query.heads, problem.value.width);
        one.out = got.view();
        const test::Arena scratch(scratch_bytes_of(problem));
        require_ok(solve(port, one, cache, scratch.span()), "attend() on a cache");

        got.for_each_row([&](Index, Index t, Index h, std::span<float> row) {
            const auto place = static_cast<std::size_t>(b * problem.out.batch_stride +
                                                        t * problem.out.token_stride +
                                                        h * problem.out.head_stride);
            const auto want = problem.out.data.subspan(place, row.size());
            const std::string text = test::difference(want, row);
            if (!text.empty()) throw Failure("attending to a cache gives other bits: " + text);
        });
    }
}

}  // namespace

void require_ok(Result result, const char* call) {
    if (result.ok()) return;
    throw Failure(std::string(call) + " refused argument " + std::to_string(result.argument) +
                  ": " + describe(result.status));
}

void run_attend(const Port& port, const AttendProblem& problem) {
    const test::Arena scratch(scratch_bytes_of(problem));
    require_ok(solve(port, problem, scratch.span()), "attend()");
    if (!scratch.intact()) throw Failure("attend() wrote before its scratch");
    if (problem.key.tokens > 0) check_through_cache(port, problem);
}

}  // namespace headroom::conformance
