// Memory that a layer may not share between two arguments, and rotary features that do not fit it.
#include <doctest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include <headroom/headroom.hpp>

#include "support/layer_support.hpp"

namespace headroom::test {
namespace {

constexpr Shape shape{
    .model_dim = 8, .heads = 2, .rotary_dim = 4, .max_queries = 4, .max_keys = 10};
using Layer = MultiHeadAttention<shape>;

// All arguments in one piece of memory, so that any two can be made to overlap by a few bytes.
struct Bench {
    Bench() : memory(1 << 16, 0, 0) {
        Random random(1);
        const LayerWeights weights = random_weights(shape, random);
        REQUIRE(Layer::pack(weights.tensors(), blob.span()).ok());
        REQUIRE(layer.open(best_port(), blob.span()).ok());
    }
    static constexpr std::size_t x_at = 0, y_at = 1024, state_at = 4096, scratch_at = 16384;

    std::span<std::byte> bytes(std::size_t at, std::size_t count) const {
        return memory.span().subspan(at, count);
    }
    std::span<float> floats(std::size_t at, std::size_t count) const {
        return {reinterpret_cast<float*>(memory.span().data() + at), count};
    }
    Result forward(std::size_t x = x_at, std::size_t y = y_at, std::size_t state = state_at,
                   std::size_t scratch = scratch_at, Index y_stride = 8) const {
        const Rows out{floats(y, static_cast<std::size_t>(2 * y_stride + 8)), 3, 8, y_stride};
        return layer.forward(rows_of(floats(x, 24), 3, 8), out, bytes(state, Layer::state_bytes),
                             bytes(scratch, Layer::scratch_bytes));
    }
    void overlaps(const Result& result, int a, int b) const {
        CHECK(result.status == Status::overlap);
        CHECK((result.argument == a || result.argument == b));
        CHECK(std::all_of(memory.span().begin(), memory.span().end(),
                          [](std::byte e) { return e == std::byte{0}; }));
    }

    Arena memory, blob{Layer::weights_bytes};
    Layer layer;
};

TEST_CASE("layer overlap: every pair of forward's arguments") {
    const Bench b;
    const std::size_t state_end = Bench::state_at + Layer::state_bytes,
                      scratch_end = Bench::scratch_at + Layer::scratch_bytes;
    b.overlaps(b.forward(0, 4), 1, 2);   // shifted by one float
    b.overlaps(b.forward(0, 92), 1, 2);  // the last float only
    b.overlaps(b.forward(92, 0), 1, 2);
    b.overlaps(b.forward(0, 0, Bench::state_at, Bench::scratch_at, 16), 1,
               2);  // same start, other stride
    b.overlaps(b.forward(state_end - 4), 1, 3);
    b.overlaps(b.forward(Bench::state_at - 92), 1, 3);
    b.overlaps(b.forward(0, state_end - 4), 2, 3);
    b.overlaps(b.forward(0, Bench::state_at - 92), 2, 3);
    b.overlaps(b.forward(scratch_end - 4), 1, 4);
    b.overlaps(b.forward(Bench::scratch_at - 92), 1, 4);
    b.overlaps(b.forward(0, scratch_end - 4), 2, 4);
    b.overlaps(b.forward(0, Bench::scratch_at - 92), 2, 4);
    b.overlaps(b.forward(0, 1024, Bench::scratch_at), 3, 4);
    b.overlaps(b.forward(0, 1024, Bench::state_at, state_end - 64), 3, 4);
    CHECK(b.forward(0, 96).ok());       // side by side is no overlap
    CHECK(b.forward(1024, 1024).ok());  // in place
}

TEST_CASE("layer overlap: scratch and state over the weights, scratch over a feature") {
    Bench b;
    // The weights are followed by room for the other arenas, so that those may start inside.
    const Arena all(Layer::weights_bytes + Layer::state_bytes + Layer::scratch_bytes, 0, 0);
    std::copy(b.blob.span().begin(), b.blob.span().end(), all.span().begin());
    REQUIRE(b.layer.open(best_port(), all.span().first(Layer::weights_bytes)).ok());
    const std::uint64_t before = hash_bytes(all.span());
    const std::size_t inside = Layer::weights_bytes - 64;
    const auto x = rows_of(b.floats(0, 24), 3, 8), y = rows_of(b.floats(1024, 24), 3, 8);
    const auto state = b.bytes(Bench::state_at, Layer::state_bytes),
               scratch = b.bytes(Bench::scratch_at, Layer::scratch_bytes);
    b.overlaps(b.layer.forward(x, y, all.span().subspan(inside, Layer::state_bytes), scratch), 3,
               3);
    b.overlaps(b.layer.forward(x, y, state, all.span().subspan(inside, Layer::scratch_bytes)), 4,
               4);
    const auto on_weights =
        rows_of(std::span(reinterpret_cast<float*>(all.span().data() + inside), 24), 3, 8);
    b.overlaps(b.layer.forward(x, on_weights, state, scratch), 2, 2);
    CHECK(hash_bytes(all.span()) == before);

    const SinkLogits logits{b.floats(Bench::scratch_at + 64, 2)};
    b.overlaps(b.layer.forward(x, y, state, scratch, {}, logits), 4, 6);
    const SinkLogits output{b.floats(1024, 2)};
    b.overlaps(b.layer.forward(x, y, state, scratch, {}, Softcap{2.0f}, output), 2, 7);
}

TEST_CASE("layer overlap: what a call reads and writes beside its tensors") {
    Bench b;
    const auto x = rows_of(b.floats(0, 24), 3, 8), y = rows_of(b.floats(1024, 24), 3, 8);
    const auto state = b.bytes(Bench::state_at, Layer::state_bytes),
               scratch = b.bytes(Bench::scratch_at, Layer::scratch_bytes);
    // The state is written before these are read.
    const auto* const length = reinterpret_cast<const std::int64_t*>(state.data() + 64);
    b.overlaps(b.layer.forward(x, y, state, scratch, {.valid_keys = {length, 1}}), 3, 5);
    const auto* const mask = reinterpret_cast<const bool*>(state.data() + 64);
    b.overlaps(b.layer.forward(x, y, state, scratch, {}, BoolMask{{{mask, 9}, 3, 0, 0, 3, 1}}), 3,
               6);
    b.overlaps(b.layer.forward(x, y, state, scratch, {}, Alibi{b.floats(Bench::state_at + 64, 2)}),
               3, 6);

    const auto statistics_in = [](std::span<std::byte> bytes) {
        return Statistics{{reinterpret_cast<HeadStatistics*>(bytes.data()), 2}};
    };
    b.overlaps(b.layer.forward(x, y, state, scratch, {}, statistics_in(state.subspan(64))), 3, 6);
    const std::uint64_t weights = hash_bytes(b.blob.span());
    b.overlaps(b.layer.forward(x, y, state, scratch, {}, Softcap{2.0f},
                               statistics_in(b.blob.span().subspan(64))),
               7, 7);
    CHECK(hash_bytes(b.blob.span()) == weights);

    // The statistics of one slice are written before the next slice is rotated.
    const std::span<float> tables = b.floats(2048, 40);
    const RotaryTables angles{4, RotaryPairs::halves, 10, tables.first(20), tables.last(20)};
    const auto over = statistics_in(std::as_writable_bytes(tables));
    b.overlaps(b.layer.forward(x, y, state, scratch, {}, over, angles), 7, 7);
    b.overlaps(b.layer.forward(x, y, state, scratch, {}, angles, over), 6, 6);

    // Positions are not read, so they may lie anywhere.
    const auto* const positions = reinterpret_cast<const std::int64_t*>(b.floats(1024, 2).data());
    CHECK(b.layer.forward(x, y, state, scratch, {.first_positions = {positions, 1}}).ok());
}

TEST_CASE("layer overlap: attend_context and append_context") {
    const Bench b;
    const auto x = rows_of(b.floats(0, 24), 3, 8);
    const auto state = b.bytes(Bench::state_at, Layer::state_bytes),
               scratch = b.bytes(Bench::scratch_at, Layer::scratch_bytes);
    const auto in_state = rows_of(b.floats(Bench::state_at + 64, 24), 3, 8);
    const auto in_scratch = rows_of(b.floats(Bench::scratch_at + 64, 24), 3, 8);
    b.overlaps(b.layer.append_context(in_state, x, state, scratch), 1, 3);
    b.overlaps(b.layer.append_context(x, in_state, state, scratch), 2, 3);
    b.overlaps(b.layer.append_context(in_scratch, x, state, scratch), 1, 4);
    b.overlaps(b.layer.append_context(x, in_scratch, state, scratch), 2, 4);
    b.overlaps(b.layer.attend_context(x, in_state, state, scratch), 2, 3);
    b.overlaps(b.layer.attend_context(x, in_scratch, state, scratch), 2, 4);
    b.overlaps(b.layer.attend_context(x, rows_of(b.floats(4, 24), 3, 8), state, scratch), 1, 2);
    CHECK(b.layer.append_context(x, x, state, scratch)
              .ok());  // keys and values are usually the same memory
    CHECK(b.layer.attend_context(x, x, state, scratch).ok());
}

TEST_CASE("layer errors: cross-attention's rows, and a ring's most") {
    const Bench b;
    const auto x = rows_of(b.floats(0, 24), 3, 8);
    const auto state = b.bytes(Bench::state_at, Layer::state_bytes),
               scratch = b.bytes(Bench::scratch_at, Layer::scratch_bytes);
    const auto unchanged = [&](const Result& result, Status status,
                               std::initializer_list<int> arguments) {
        CHECK(result.status == status);
        CHECK(std::find(arguments.begin(), arguments.end(), result.argument) != arguments.end());
        CHECK(std::all_of(b.memory.span().begin(), b.memory.span().end(),
                          [](std::byte e) { return e == std::byte{0}; }));
    };
    unchanged(b.layer.append_context(rows_of(b.floats(0, 21), 3, 7), x, state, scratch),
              Status::bad_shape, {1});
    unchanged(b.layer.append_context(x, rows_of(b.floats(0, 21), 3, 7), state, scratch),
              Status::bad_shape, {2});
    unchanged(b.layer.append_context(x, rows_of(b.floats(0, 16), 2, 8), state, scratch),
              Status::bad_shape, {2});
    unchanged(b.layer.append_context({b.floats(0, 23), 3, 8, 8}, x, state, scratch),
              Status::too_small, {1});
    unchanged(b.layer.append_context(x, x, state.first(state.size() - 1), scratch),
              Status::too_small, {3});
    unchanged(b.layer.append_context(x, x, state, scratch.first(scratch.size() - 1)),
              Status::too_small, {4});
    unchanged(b.layer.append_context(rows_of(b.floats(0, 88), 11, 8),
                                     rows_of(b.floats(0, 88), 11, 8), state, scratch),
              Status::cache_full, {0, 1, 3});
    unchanged(b.layer.attend_context(x, x, state.first(state.size() - 1), scratch),
              Status::too_small, {3});
    unchanged(b.layer.attend_context(x, x, state, scratch.first(scratch.size() - 1)),
              Status::too_small, {4});
    const std::int64_t one[] = {1};
    unchanged(b.layer.attend_context(x, x, state, scratch, {.valid_keys = one}), Status::bad_value,
              {5});

    static constexpr Shape ring{.model_dim = 8, .heads = 2, .max_queries = 2, .window = 6};
    const Arena ring_state(state_bytes(ring), 0, 0);
    MultiHeadAttention<ring> over_ring;
    REQUIRE(over_ring.open(best_port(), b.blob.span()).ok());
    unchanged(over_ring.append_context(x, x, ring_state.span(), scratch), Status::bad_shape, {1});
    CHECK(std::all_of(ring_state.span().begin(), ring_state.span().end(),
                      [](std::byte e) { return e == std::byte{0}; }));

    // Self-attention needs sources as wide as the model.
    static constexpr Shape cross{
        .model_dim = 8, .heads = 2, .key_source_dim = 5, .max_queries = 4, .max_keys = 10};
    using Cross = MultiHeadAttention<cross>;
    const Arena cross_blob(Cross::weights_bytes);
    Random random(2);
    const LayerWeights weights = random_weights(cross, random);
    REQUIRE(Cross::pack(weights.tensors(), cross_blob.span()).ok());
    Cross narrow;
    REQUIRE(narrow.open(best_port(), cross_blob.span()).ok());
    unchanged(narrow.forward(x, x, state, scratch), Status::bad_shape, {0, 1});
}

TEST_CASE("layer errors: rotary features that do not fit") {
    const Bench b;
    const auto x = rows_of(b.floats(0, 24), 3, 8);
    const auto state = b.bytes(Bench::state_at, Layer::state_bytes),
               scratch = b.bytes(Bench::scratch_at, Layer::scratch_bytes);
    const std::vector<float> cos(10, 1.0f), sin(10, 0.0f);
    const auto refused = [&](const auto& feature, Status status) {
        for (const Result& result : {b.layer.forward(x, x, state, scratch, {}, feature),
                                     b.layer.attend_context(x, x, state, scratch, {}, feature)}) {
            CHECK(result.status == status);
            CHECK(result.argument == 6);
        }
        const Result result = b.layer.append_context(x, x, state, scratch, feature);
        CHECK(result.status == status);
        CHECK(result.argument == 5);
        const Result second = b.layer.forward(x, x, state, scratch, {}, Softcap{3.0f}, feature);
        CHECK(second.status == status);
        CHECK(second.argument == 7);
        CHECK(std::all_of(b.memory.span().begin(), b.memory.span().end(),
                          [](std::byte e) { return e == std::byte{0}; }));
    };
    const RotaryTables good{4, RotaryPairs::halves, 5, cos, sin};
    const auto with = [](auto feature, auto change) {
        change(feature);
        return feature;
    };
    for (const int dim : {0, -2, 3, 6})
        refused(with(good, [&](auto& t) { t.dim = dim; }), Status::bad_shape);
    refused(with(good, [](auto& t) { t.positions = -1; }), Status::bad_shape);
    refused(with(good, [](auto& t) { t.cos = t.cos.first(9); }), Status::too_small);
    refused(with(good, [](auto& t) { t.sin = t.sin.first(9); }), Status::too_small);
    refused(with(good, [](auto& t) { t.positions = 2; }),
            Status::bad_value);  // the third token is beyond

    // The largest table that can be counted.
    constexpr std::int64_t most = std::int64_t{1} << (8 * sizeof(std::size_t) - 2);
    refused(RotaryTables{4, RotaryPairs::halves, most, {}, {}}, Status::too_small);

    const RotaryComputed computed{{.dim = 4}};
    const Result twice = b.layer.forward(x, x, state, scratch, {}, computed, good);
    CHECK(twice.status == Status::bad_value);
    refused(with(computed, [](auto& c) { c.parameters.base = 0.5; }), Status::bad_value);
    refused(with(computed, [](auto& c) { c.parameters.dim = 2; }), Status::bad_shape);
    for (const std::int64_t first : {std::int64_t{-1}, std::int64_t{3}, std::int64_t{1} << 40}) {
        const Result result =
            b.layer.attend_context(x, x, state, scratch, {.first_position = first}, good);
        CHECK(result.status == Status::bad_value);
        CHECK(result.argument == 6);
    }
    CHECK(b.layer.attend_context(x, x, state, scratch, {.first_position = 2}, good).ok());
    CHECK(b.layer.attend_context(x, x, state, scratch, {.first_position = -7}, computed).ok());
    CHECK(b.layer
              .attend_context(x, x, state, scratch, {.first_position = std::int64_t{1} << 31},
                              computed)
              .status == Status::bad_value);

    // The table ends in the middle of a second call: nothing of it may have run.
    const Bench c;
    REQUIRE(c.layer
                .forward(rows_of(c.floats(0, 24), 3, 8), rows_of(c.floats(1024, 24), 3, 8),
                         c.bytes(Bench::state_at, Layer::state_bytes),
                         c.bytes(Bench::scratch_at, Layer::scratch_bytes), {}, good)
                .ok());
    const std::uint64_t before = hash_bytes(c.bytes(0, Bench::scratch_at));
    CHECK(c.layer
              .forward(rows_of(c.floats(0, 24), 3, 8), rows_of(c.floats(1024, 24), 3, 8),
                       c.bytes(Bench::state_at, Layer::state_bytes),
                       c.bytes(Bench::scratch_at, Layer::scratch_bytes), {}, good)
              .status == Status::bad_value);
    CHECK(hash_bytes(c.bytes(0, Bench::scratch_at)) == before);
}

}  // namespace
}  // namespace headroom::test
