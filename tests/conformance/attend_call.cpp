#include "conformance/attend_call.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "conformance/test_case.hpp"
#include "support/bits.hpp"
#include "support/memory.hpp"

namespace headroom::conformance {
namespace {

// A feature enters the public attend() by its type. A case's features are known at run time only,
// so they are bound here one by one, as attend() does it for its arguments.
detail::Features features_of(const Port& port, const AttendProblem& problem) {
    detail::Features features;
    std::uint8_t at = 8;
    const auto one = [&](const auto& feature) {
        if (feature) detail::bind(features, port, at++, *feature);
    };
    one(problem.softcap), one(problem.bias), one(problem.mask), one(problem.sinks),
        one(problem.weights);
    return features;
}

test::Arena scratch_for(const AttendProblem& problem) {
    const AttendShape shape{std::max<Index>(problem.query.tokens, 1), problem.query.heads,
                            problem.key.heads, problem.query.width, problem.value.width};
    return test::Arena(scratch_bytes(shape));
}

// Tokens [first, first + count) of one sequence.
ConstTensor piece(ConstTensor of, Index batch, Index first, Index count) {
    const auto skip = static_cast<std::size_t>(batch * of.batch_stride + first * of.token_stride);
    of.data = of.data.subspan(std::min(skip, of.data.size()));
    of.batches = 1;
    of.tokens = count;
    return of;
}

template <class T>
Mask<T> batch_of(Mask<T> mask, Index batch) {
    const auto skip = static_cast<std::size_t>(batch * mask.batch_stride);
    mask.data = mask.data.subspan(std::min(skip, mask.data.size()));
    return mask;
}

// The problem of one sequence, for a cache, which holds one.
AttendProblem sequence(const AttendProblem& all, Index batch) {
    AttendProblem one = all;
    one.query = piece(all.query, batch, 0, all.query.tokens);
    const auto b = static_cast<std::size_t>(batch);
    if (!all.how.valid_keys.empty()) one.how.valid_keys = all.how.valid_keys.subspan(b, 1);
    if (!all.how.first_positions.empty())
        one.how.first_positions = all.how.first_positions.subspan(b, 1);
    if (one.bias) one.bias->values = batch_of(one.bias->values, batch);
    if (one.mask) one.mask->visible = batch_of(one.mask->visible, batch);
    one.weights.reset();
    return one;
}

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
        require_ok(cache.append(piece(problem.key, b, 0, half), piece(problem.value, b, 0, half)),
                   "KvCache::append");
        require_ok(cache.append(piece(problem.key, b, half, keys - half),
                                piece(problem.value, b, half, keys - half)),
                   "KvCache::append");

        const AttendProblem one = sequence(problem, b);
        const test::Field got =
            test::Field::token_major(1, one.query.tokens, one.query.heads, problem.value.width);
        const test::Arena scratch = scratch_for(problem);
        const detail::Features features = features_of(port, one);
        require_ok(detail::attend({port, one.query, detail::no_tensor, detail::no_tensor, &cache,
                                   got.view(), scratch.span(), one.how, features}),
                   "attend() on a cache");

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
    const test::Arena scratch = scratch_for(problem);
    const detail::Features features = features_of(port, problem);
    require_ok(detail::attend({port, problem.query, problem.key, problem.value, nullptr,
                               problem.out, scratch.span(), problem.how, features}),
               "attend()");
    if (!scratch.intact()) throw Failure("attend() wrote before its scratch");
    if (problem.key.tokens > 0) check_through_cache(port, problem);
}

MaskMemory::MaskMemory(const Array& mask, Index batches, Index heads, Index queries, Index keys)
    : is_bool_(mask.dtype == Dtype::boolean), size_(mask.values.size()) {
    const auto refuse = [&] {
        throw Failure("a mask of shape " + shape_text(mask.dims) + " does not broadcast to " +
                      shape_text(Dims{batches, heads, queries, keys}));
    };
    if (mask.rank() < 1 || mask.rank() > 4 || mask.dims.back() > keys) refuse();
    Dims dims(static_cast<std::size_t>(4 - mask.rank()), 1);
    dims.insert(dims.end(), mask.dims.begin(), mask.dims.end());

    strides_.keys = dims[3];
    const auto stride = [&](Index size, Index full, Index step) {
        if (size != 1 && size != full) refuse();
        return size == 1 ? 0 : step;
    };
    strides_.query_stride = stride(dims[2], queries, dims[3]);
    strides_.head_stride = stride(dims[1], heads, dims[2] * dims[3]);
    strides_.batch_stride = stride(dims[0], batches, dims[1] * dims[2] * dims[3]);

    if (!is_bool_) {
        floats_ = mask.floats();
        return;
    }
    bools_ = std::make_unique<bool[]>(size_);
    std::transform(mask.values.begin(), mask.values.end(), bools_.get(),
                   [](double x) { return x != 0; });
}

void MaskMemory::bind(AttendProblem& problem) const {
    if (is_bool_) {
        problem.mask = BoolMask{{{bools_.get(), size_},
                                 strides_.keys,
                                 strides_.batch_stride,
                                 strides_.head_stride,
                                 strides_.query_stride,
                                 strides_.key_stride}};
        return;
    }
    problem.bias = ScoreBias{strides_};
    problem.bias->values.data = floats_;
}

WeightsCollector::WeightsCollector(Index batches, Index heads, Index queries, Index keys)
    : dims_{batches, heads, queries, keys},
      values_(static_cast<std::size_t>(size_of(dims_)), std::numeric_limits<float>::quiet_NaN()) {}

WeightsCallback WeightsCollector::callback(Stage stage) { return {stage, this, receive}; }

void WeightsCollector::receive(void* context, const WeightsBlock& block) {
    auto& to = *static_cast<WeightsCollector*>(context);
    const Index row =
        ((to.first_batch_ + block.batch) * to.dims_[1] + block.head) * to.dims_[2] + block.query;
    const Index start = row * to.dims_[3] + static_cast<Index>(block.first_key);
    const auto count = static_cast<Index>(block.values.size());
    // The library calls back through noexcept functions: a wrong place cannot be thrown, but what
    // it should have filled stays NaN and fails the comparison.
    if (block.first_key < 0 || block.first_key + count > to.dims_[3]) return;
    if (start < 0 || start + count > static_cast<Index>(to.values_.size())) return;
    std::copy(block.values.begin(), block.values.end(), to.values_.begin() + start);
}

}  // namespace headroom::conformance
