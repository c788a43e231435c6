// The oracle for a layer's bits.
#pragma once

#include <doctest.h>

#include "support/run_layer.hpp"

namespace headroom::test {

// Compares a run with the same case on the scalar port in one call with scratch for all of it.
struct LayerOracle {
    explicit LayerOracle(const LayerCase& layer) : c(layer), want(run_layer(layer, whole(layer))) {
        REQUIRE(want.result.status == Status::ok);
    }
    static LayerRun whole(const LayerCase& layer) {
        LayerRun run;
        run.max_queries = layer.use == Use::ring ? 0 : static_cast<int>(layer.queries);
        return run;
    }
    void check(const LayerRun& run) const {
        const LayerOutcome got = run_layer(c, run);
        REQUIRE(got.result.status == Status::ok);
        CHECK(difference(want.y, got.y) == "");
        CHECK(difference(want.cached, got.cached) == "");
        CHECK(got.arenas_intact);
    }

    const LayerCase& c;
    LayerOutcome want;
};

}  // namespace headroom::test
