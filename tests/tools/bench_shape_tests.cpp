// The shapes of `headroom bench`: their work, and how they get to the benchmark program.
#include <doctest.h>

#include <string>

#include "tools/bench/shape.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

BenchShape named(const char* name) {
    const BenchShape* const shape = find_bench_shape(name);
    REQUIRE_MESSAGE(shape != nullptr, name);
    return *shape;
}

std::string refusal(const BenchShape& shape) {
    try {
        require_possible(shape);
    } catch (const UserError& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("bench shapes: the twelve names, and no other") {
    CHECK(named_bench_shapes().size() == 12);
    for (const BenchShape& shape : named_bench_shapes()) {
        CHECK_MESSAGE(refusal(shape) == "", shape.name);
        CHECK_MESSAGE(shape_of_word(shape_word(shape)) == shape, shape.name);
    }
    CHECK(find_bench_shape("attend_99") == nullptr);
    CHECK(find_bench_shape("") == nullptr);
}

TEST_CASE("bench shapes: multiply-adds, counted by hand") {
    CHECK(multiply_adds(named("attend_98")) == 3.0 * 98 * 98 * 128);
    CHECK(multiply_adds(named("causal_512")) == 8.0 * (512 * 513 / 2) * 256);
    CHECK(multiply_adds(named("decode_512")) == 32.0 * 512 * 128);
    CHECK(multiply_adds(named("layer_98")) == 98.0 * 4 * 192 * 192 + 3.0 * 98 * 98 * 128);
    CHECK(multiply_adds(named("layer_decode_2048")) ==
          2.0 * 1024 * 1024 + 2.0 * 1024 * 256 + 16.0 * 2048 * 128);
    BenchShape late = named("decode_512");  // two tokens after three that are cached
    late.tokens = 2;
    late.keys = 5;
    late.causal = true;
    CHECK(multiply_adds(late) == 32.0 * (4 + 5) * 128);
}

TEST_CASE("bench shapes: bytes that a call moves at least") {
    CHECK(bytes_moved(named("attend_98")) == 4.0 * 4 * 3 * 98 * 64);
    CHECK(bytes_moved(named("decode_512")) == 4.0 * (2.0 * 8 * 512 * 64 + 2.0 * 32 * 64));
    // Weights, biases, a token in and out, the cache.
    CHECK(bytes_moved(named("layer_decode_512")) ==
          4.0 * (4 * 512 * 512 + 4 * 512 + 2 * 512 + 2 * 512 * 512));
    CHECK(bytes_moved(named("layer_98")) == 4.0 * (4 * 192 * 192 + 4 * 192 + 2 * 98 * 192));
}

TEST_CASE("bench shapes: what cannot be is refused with the option") {
    BenchShape shape{"own", 0, 4, 2, 16, 5, 9, false};
    CHECK(refusal(shape) == "");
    CHECK(describing_name(shape) == "attend_h4on2_t5_k9_w16");
    shape.keys = 4;
    CHECK(refusal(shape) == "--keys 4: fewer than --tokens 5");
    shape.keys = 5;
    shape.kv_heads = 3;
    CHECK(refusal(shape) == "--heads 4 is no multiple of --kv-heads 3");
    shape.kv_heads = 4;
    shape.model_dim = 60;
    CHECK(refusal(shape).starts_with("--model-dim 60: "));
    CHECK_THROWS_AS(shape_of_word("attend_98"), UserError);
    CHECK_THROWS_AS(shape_of_word("a,0,4,4,x,5,5,0"), UserError);
    CHECK_THROWS_AS(shape_of_word("a,0,4,3,16,5,5,0"), UserError);
}

}  // namespace headroom::tools
