#include "attention/memory.hpp"

namespace headroom::detail {
namespace {

// The number of elements from the first to the last of a view whose sizes are not negative: 0 if it
// is empty, the largest number if there can be no such memory, -1 if a stride is negative.
Index reach(const ConstTensor& t) noexcept {
    if ((t.batch_stride | t.token_stride | t.head_stride) < 0) return -1;
    Index last = t.width;
    // Whether it is too far. Mostly there is one of something, and nothing to multiply.
    const auto too_far = [&last](Index count, Index stride) {
        Index distance = 0;
        return count > 1 && (__builtin_mul_overflow(count - 1, stride, &distance) ||
                             __builtin_add_overflow(last, distance, &last));
    };
    if (too_far(t.batches, t.batch_stride) || too_far(t.tokens, t.token_stride) ||
        too_far(t.heads, t.head_stride)) {
        return PTRDIFF_MAX;
    }
    return t.tokens > 0 ? last : 0;
}

}  // namespace

Status check_tensor(const ConstTensor& t, Range& range) noexcept {
    if (t.batches < 1 || t.heads < 1 || t.width < 1 || t.tokens < 0) return Status::bad_shape;
    const Index n = reach(t);
    if (n < 0) return Status::bad_shape;
    if (static_cast<std::size_t>(n) > t.data.size()) return Status::too_small;
    range = range_of(t.data.data(), static_cast<std::size_t>(n) * sizeof(float));
    return Status::ok;
}

Range touched(const ConstTensor& t) noexcept {
    const Index n = reach(t);
    return range_of(t.data.data(), n > 0 ? static_cast<std::size_t>(n) * sizeof(float) : 0);
}

bool writable(const ConstTensor& t) noexcept {
    // The two usual orders are seen at a glance.
    const Index heads = (t.heads - 1) * t.head_stride + t.width;
    if (t.batches == 1 && t.head_stride >= t.width && t.token_stride >= heads) return true;
    const Index tokens = (t.tokens - 1) * t.token_stride + t.width;
    if (t.batches == 1 && t.token_stride >= t.width && t.head_stride >= tokens) return true;
    if (t.tokens == 0) return true;

    // From the innermost stride outwards, each must step over everything inside it.
    struct Extent {
        Index count, stride;
    } extents[] = {
        {t.batches, t.batch_stride}, {t.tokens, t.token_stride}, {t.heads, t.head_stride}};
    Index inside = t.width;
    for (int left = 3; left > 0; --left) {
        int least = 0;
        for (int i = 1; i < left; ++i) {
            if (extents[i].stride < extents[least].stride) least = i;
        }
        const Extent next = extents[least];
        extents[least] = extents[left - 1];
        if (next.count < 2) continue;
        if (next.stride < inside) return false;
        inside += (next.count - 1) * next.stride;
    }
    return true;
}

namespace {

// How far a view reaches beyond its first element when places are counted modulo `step`: a
// dimension whose stride is a multiple of it does not count.
Index window(const ConstTensor& t, Index step) noexcept {
    const auto beyond = [step](Index count, Index stride) {
        return stride % step != 0 ? (count - 1) * stride : 0;
    };
    return t.width + beyond(t.batches, t.batch_stride) + beyond(t.tokens, t.token_stride) +
           beyond(t.heads, t.head_stride);
}

// Whether modulo `step` each view keeps to a window of its own.
bool interleave(const ConstTensor& a, const ConstTensor& b, Index step) noexcept {
    if (step <= 0) return false;
    const auto distance =
        static_cast<std::intptr_t>(reinterpret_cast<std::uintptr_t>(b.data.data()) -
                                   reinterpret_cast<std::uintptr_t>(a.data.data()));
    constexpr auto size = static_cast<std::intptr_t>(sizeof(float));
    if (distance % size != 0) return false;
    const Index offset = ((distance / size) % step + step) % step;  // of b's window after a's
    return window(a, step) <= offset && offset + window(b, step) <= step;
}

}  // namespace

bool shares(const ConstTensor& out, const ConstTensor& in) noexcept {
    return overlap(touched(out), touched(in)) && !interleave(out, in, out.batch_stride) &&
           !interleave(out, in, out.token_stride) && !interleave(out, in, out.head_stride);
}

}  // namespace headroom::detail
