// The self-test's start: its arguments, the floating-point environment, its inputs.
#include "attention/self_test.hpp"

#include <headroom/self_test.hpp>
#include <headroom/version.hpp>

#include "attention/memory.hpp"

namespace headroom {
namespace detail {
namespace {

static_assert(self_test_numerics == numerics_version,
              "the bits have changed: renew the hashes in headroom/detail/self_test.hpp");

std::uint32_t bits(float x) noexcept { return __builtin_bit_cast(std::uint32_t, x); }

// What is volatile is computed here and now, not by the compiler, whose rounding is the default.
struct Sum {
    float a, b;
    std::uint32_t bits;
};
constexpr float kHalf = 0x1p-24f;  // of the last bit of 1
constexpr Sum kSums[] = {
    {1.0f, kHalf, 0x3f800000},           // up, and away from zero on a tie: 0x3f800001
    {1.0f, 3.0f * kHalf, 0x3f800002},    // down, and towards zero: 0x3f800001
    {-1.0f, -kHalf, 0xbf800000},         // down: 0xbf800001
    {-1.0f, -3.0f * kHalf, 0xbf800002},  // up, and towards zero: 0xbf800001
};

bool rounds_to_nearest() noexcept {
    bool all = true;
    for (const Sum& sum : kSums) {
        const volatile float a = sum.a, b = sum.b;
        all &= bits(a + b) == sum.bits;
    }
    return all;
}

// A result that is subnormal, and then an operand. Comparisons of floats could be flushed as well.
bool keeps_subnormals() noexcept {
    const volatile float least = 0x1p-126f, half = 0.5f, two = 2.0f, small = 0x1p-127f;
    return bits(least * half) == 0x00400000 && bits(small * two) == 0x00800000;
}

// Multiples of 2^-20 in [-2, 2): no library and no rounding has a part in them. Their products have
// more bits than a float, so that rounding once differs from rounding twice, and are far from
// subnormal.
void fill_in(std::span<float> numbers) noexcept {
    std::uint32_t state = 1;
    for (float& x : numbers) {
        state = state * 1664525u + 1013904223u;
        x = static_cast<float>(static_cast<std::int32_t>(state >> 10) - 0x200000) * 0x1p-20f;
    }
}

}  // namespace

// A product alone would carry changes only upwards, so two changed signs could cancel.
std::uint32_t mix(std::uint32_t hash, std::uint32_t word) noexcept {
    hash = (hash ^ word) * 0x9e3779b1u;
    return hash ^ hash >> 15;
}

std::uint32_t mix(std::uint32_t hash, std::span<const float> values) noexcept {
    for (const float& value : values) {
        std::uint32_t word = 0;
        __builtin_memcpy(&word, &value, sizeof word);
        hash = mix(hash, (word & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : word);
    }
    return hash;
}

Result begin_self_test(const SelfTest& test, std::size_t bytes) noexcept {
    if (const Status s = check_arena(test.scratch, bytes); s != Status::ok) return {s, 1};
    if (!test.port.supported()) return {Status::unsupported_port, 2};
    const auto failed = [](SelfTestPart part) {
        return Result{Status::bad_state, static_cast<std::uint8_t>(part)};
    };
    if (!rounds_to_nearest()) return failed(SelfTestPart::rounding_mode);
    if (!keeps_subnormals()) return failed(SelfTestPart::subnormals);
    fill_in(numbers_of(test));
    return {};
}

}  // namespace detail

const char* describe(SelfTestPart part) noexcept {
    switch (part) {
        case SelfTestPart::rounding_mode:
            return "the rounding mode is not to the nearest";
        case SelfTestPart::subnormals:
            return "subnormal numbers become zero";
        case SelfTestPart::attend_tensors:
            return "attention on tensors";
        case SelfTestPart::attend_cache:
            return "attention on a cache";
        case SelfTestPart::projections:
            return "projections of a layer";
        case SelfTestPart::softcap:
            return "softcap";
        case SelfTestPart::alibi:
            return "ALiBi";
        case SelfTestPart::score_bias:
            return "score bias";
        case SelfTestPart::bool_mask:
            return "boolean mask";
        case SelfTestPart::sink_logits:
            return "sink logits";
        case SelfTestPart::extra_key:
            return "extra key";
        case SelfTestPart::zero_key:
            return "zero key";
        case SelfTestPart::head_mask:
            return "pruned heads";
        case SelfTestPart::weights_callback:
            return "shown weights";
        case SelfTestPart::statistics:
            return "statistics of heads";
        case SelfTestPart::rotary_tables:
            return "rotary embedding";
        case SelfTestPart::rotary_computed:
            return "tables of rotary embedding";
    }
    return "not a part of the self-test";
}

}  // namespace headroom
