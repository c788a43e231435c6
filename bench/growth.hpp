// How the time of attend() grows with its sizes, and what calls cost that see or compute less.
#pragma once

#include <headroom/port.hpp>
#include <nlohmann/json.hpp>

#include <functional>

namespace bench {

// {"curves": {"tokens" | "causal" | "window" | "keys" | "heads" | "width": [[size, us], ...]},
//  "checks": [{"name", "words", "us", "beside_us", "ratio", "expected"}, ...]}
// Each point takes a tenth of `seconds`, about, and each check four tenths. `progress` is told the
// share that is done.
nlohmann::ordered_json measure_growth(const headroom::Port& port, double seconds,
                                      const std::function<void(double)>& progress);

}  // namespace bench
