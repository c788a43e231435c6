#include "attention/memory.hpp"

namespace headroom::detail {

bool writable(std::span<const Extent> extents, Index width) noexcept {
    for (const Extent& e : extents) {
        if (e.count == 0) return true;
    }
    // From the innermost stride outwards, each must step over everything inside it.
    Index inside = width, done = -1;
    for (std::size_t round = 0; round < extents.size(); ++round) {
        const Extent* next = nullptr;
        for (const Extent& e : extents) {
            if (e.count > 1 && e.stride > done && (next == nullptr || e.stride < next->stride))
                next = &e;
        }
        if (next == nullptr) break;
        if (next->stride < inside) return false;
        inside = (next->count - 1) * next->stride + inside;
        done = next->stride;
    }
    // Two dimensions of the same stride were taken for one.
    for (std::size_t i = 0; i < extents.size(); ++i) {
        for (std::size_t k = i + 1; k < extents.size(); ++k) {
            if (extents[i].count > 1 && extents[k].count > 1 &&
                extents[i].stride == extents[k].stride)
                return false;
        }
    }
    return true;
}

namespace {

// How far a view reaches beyond its first element when places are counted modulo `step`: a
// dimension whose stride is a multiple of it does not count.
Index window(const ConstTensor& t, Index step) noexcept {
    Index n = t.width;
    for (const Extent& e : {Extent{t.batches, t.batch_stride}, Extent{t.tokens, t.token_stride},
                            Extent{t.heads, t.head_stride}}) {
        if (e.stride % step != 0) n += (e.count - 1) * e.stride;
    }
    return n;
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

bool shares(const Tensor& out, const ConstTensor& in) noexcept {
    if (!overlap(touched(out), touched(in))) return false;
    for (const Index step : {out.batch_stride, out.token_stride, out.head_stride}) {
        if (interleave(out, in, step)) return false;
    }
    return true;
}

}  // namespace headroom::detail
