// The features of a C call, chosen at run time, bound as those of a C++ call are by their types.
#pragma once

#include "c/convert.hpp"

namespace headroom::c {

// What the bound features point to; lives as long as the call.
struct HeldFeatures {
    detail::HeldChecks checks;
    Softcap softcap;
    Alibi alibi;
    ScoreBias bias;
    BoolMask mask;
    SinkLogits sinks;
    ExtraKey extra;
    HeadMask heads;
    WeightsCallback weights;
    Statistics statistics;
    Executor executor;
    RotaryTables tables;
    RotaryComputed computed;
};

// Binds all but rotary embedding; an error in a feature is about its hr_feature.
void bind_features(const hr_features& from, const Port& port, HeldFeatures& held,
                   detail::Features& to) noexcept;

inline void bind_executor(const hr_features& from, const Port& port, HeldFeatures& held,
                          detail::Features& to) noexcept {
    if (from.executor == nullptr) return;
    const hr_executor& executor = *from.executor;
    held.executor = {executor.workers, executor.context, executor.run};
    held.checks.bind(to, port, HR_EXECUTOR, held.executor);
}

}  // namespace headroom::c
