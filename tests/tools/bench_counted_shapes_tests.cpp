// What is timed on hosts and counted on boards under one name is one shape.
#include <doctest.h>

#include "bench/shapes.hpp"
#include "tools/bench/shape.hpp"

namespace {

const headroom::tools::BenchShape& timed(const char* name) {
    const auto* const shape = headroom::tools::find_bench_shape(name);
    REQUIRE_MESSAGE(shape != nullptr, name);
    return *shape;
}

}  // namespace

TEST_CASE("bench shapes: attention on tensors and on a cache") {
    for (const bench::PrefillShape& counted :
         {bench::attend_16, bench::attend_98, bench::attend_197, bench::attend_1500,
          bench::causal_512}) {
        CHECK(timed(counted.name) == headroom::tools::BenchShape{counted.name, 0, counted.heads,
                                                                 counted.heads, counted.width,
                                                                 counted.queries, counted.keys,
                                                                 counted.causal});
    }
    for (const bench::DecodeShape& counted : {bench::decode_512, bench::decode_2048}) {
        CHECK(timed(counted.name) == headroom::tools::BenchShape{counted.name, 0, counted.heads,
                                                                 counted.kv_heads, counted.width, 1,
                                                                 counted.keys, false});
    }
}

TEST_CASE("bench shapes: layers") {
    const auto check = [](const char* name, const headroom::Shape& shape) {
        const headroom::Shape s = headroom::resolved(shape);
        CHECK(timed(name) == headroom::tools::BenchShape{name, s.model_dim, s.heads, s.kv_heads,
                                                         s.head_dim, s.max_queries,
                                                         static_cast<int>(s.max_keys), false});
    };
    check("layer_98", bench::layer_98);
    check("layer_197", bench::layer_197);
    check("layer_decode_512", bench::layer_decode_512);
}
