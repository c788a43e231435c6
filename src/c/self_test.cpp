// The self-tests of what C programs call: features are chosen at run time here, so whoever attends
// links all of them, and all are tested.
#include <headroom/self_test.hpp>

#include "c/convert.hpp"

namespace headroom::c {
namespace {

using AllFeatures = Configuration<Softcap, Alibi, ScoreBias, BoolMask, SinkLogits, ExtraKey,
                                  ZeroKey, HeadMask, WeightsCallback, Statistics>;
using Attend = Configuration<AttendTensors, AllFeatures>;
using AttendCached = Configuration<AttendCache, AllFeatures>;
using Rotary = Configuration<RotaryTables, RotaryComputed>;
using Layer = Configuration<AttendCached, Projections, Rotary>;

static_assert(HR_SELF_TEST_ATTEND_BYTES == self_test_bytes<Attend> &&
              HR_SELF_TEST_ATTEND_CACHED_BYTES == self_test_bytes<AttendCached> &&
              HR_SELF_TEST_LAYER_BYTES == self_test_bytes<Layer> &&
              HR_SELF_TEST_ROTARY_BYTES == self_test_bytes<Rotary>);

constexpr bool same(int c, SelfTestPart part) { return c == static_cast<int>(part); }
static_assert(same(HR_SELF_TEST_ROUNDING_MODE, SelfTestPart::rounding_mode) &&
              same(HR_SELF_TEST_SUBNORMALS, SelfTestPart::subnormals) &&
              same(HR_SELF_TEST_ATTEND, SelfTestPart::attend_tensors) &&
              same(HR_SELF_TEST_ATTEND_CACHED, SelfTestPart::attend_cache) &&
              same(HR_SELF_TEST_PROJECTIONS, SelfTestPart::projections));
static_assert(same(HR_SOFTCAP, SelfTestPart::softcap) &&
              same(HR_ALIBI_SLOPES, SelfTestPart::alibi) &&
              same(HR_SCORE_BIAS, SelfTestPart::score_bias) &&
              same(HR_BOOL_MASK, SelfTestPart::bool_mask) &&
              same(HR_SINK_LOGITS, SelfTestPart::sink_logits) &&
              same(HR_EXTRA_KEY, SelfTestPart::extra_key) &&
              same(HR_ZERO_KEY, SelfTestPart::zero_key) &&
              same(HR_KEPT_HEADS, SelfTestPart::head_mask) &&
              same(HR_WEIGHTS, SelfTestPart::weights_callback) &&
              same(HR_STATISTICS, SelfTestPart::statistics) &&
              same(HR_ROTARY_TABLES, SelfTestPart::rotary_tables) &&
              same(HR_ROTARY_COMPUTED, SelfTestPart::rotary_computed));

template <class Used>
hr_result run(const hr_memory& scratch, const hr_port* port) noexcept {
    if (port == nullptr) return result_of(Status::unsupported_port, 2);
    return result_of(self_test<Used>(bytes_of(scratch), *port_of(port)));
}

}  // namespace
}  // namespace headroom::c

using namespace headroom::c;

hr_result hr_self_test_attend(hr_memory scratch, const hr_port* port) {
    return run<Attend>(scratch, port);
}
hr_result hr_self_test_attend_cached(hr_memory scratch, const hr_port* port) {
    return run<AttendCached>(scratch, port);
}
hr_result hr_self_test_layer(hr_memory scratch, const hr_port* port) {
    return run<Layer>(scratch, port);
}
hr_result hr_self_test_rotary(hr_memory scratch, const hr_port* port) {
    return run<Rotary>(scratch, port);
}

const char* hr_describe_self_test(int part) {
    const bool number = part >= 0 && part <= 255;
    return headroom::describe(static_cast<headroom::SelfTestPart>(number ? part : 0));
}
