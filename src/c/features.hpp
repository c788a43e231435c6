// The features of a C call, chosen at run time, bound as those of a C++ call are by their types.
#pragma once

#include "c/convert.hpp"

namespace headroom::c {

// What the bound features point to; lives as long as the call.
struct HeldFeatures {
    detail::CheckFeature checks[HR_EXECUTOR - HR_SOFTCAP + 1] = {};
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

template <class Feature>
void bind_feature(hr_feature at, const Feature& feature, const Port& port, HeldFeatures& held,
                  detail::Features& to) noexcept {
    const int i = at - HR_SOFTCAP;
    held.checks[i] = detail::check_of<Feature>;
    to.checks = held.checks;
    to.count = static_cast<std::uint8_t>(i + 1);
    to.first_argument = HR_SOFTCAP;
    bind(to, port, static_cast<std::uint8_t>(at), feature);
}

// Binds all but rotary embedding; an error in a feature is about its hr_feature.
void bind_features(const hr_features& from, const Port& port, HeldFeatures& held,
                   detail::Features& to) noexcept;

inline void bind_executor(const hr_features& from, const Port& port, HeldFeatures& held,
                          detail::Features& to) noexcept {
    if (from.executor == nullptr) return;
    const hr_executor& executor = *from.executor;
    held.executor = {executor.workers, executor.context, executor.run};
    bind_feature(HR_EXECUTOR, held.executor, port, held, to);
}

}  // namespace headroom::c
