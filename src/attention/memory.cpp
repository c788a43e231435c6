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
            if (e.count > 1 && e.stride > done && (next == nullptr || e.stride < next->stride)) next = &e;
        }
        if (next == nullptr) break;
        if (next->stride < inside) return false;
        inside = (next->count - 1) * next->stride + inside;
        done = next->stride;
    }
    // Two dimensions of the same stride were taken for one.
    for (std::size_t i = 0; i < extents.size(); ++i) {
        for (std::size_t k = i + 1; k < extents.size(); ++k) {
            if (extents[i].count > 1 && extents[k].count > 1 && extents[i].stride == extents[k].stride) return false;
        }
    }
    return true;
}

namespace {

// What a view touches within one step of the dimension `skip`, in elements.
Index inside(const ConstTensor& t, int skip) noexcept {
    const Extent all[] = {{t.batches, t.batch_stride}, {t.tokens, t.token_stride}, {t.heads, t.head_stride}};
    Index n = t.width;
    for (int i = 0; i < 3; ++i) {
        if (i != skip) n += (all[i].count - 1) * all[i].stride;
    }
    return n;
}

// Whether both views step by the same stride in dimension `d`, and between two steps each stays in a
// window of its own.
bool interleave(const ConstTensor& a, const ConstTensor& b, int d) noexcept {
    const Index strides[2][3] = {{a.batch_stride, a.token_stride, a.head_stride},
                                 {b.batch_stride, b.token_stride, b.head_stride}};
    const Index step = strides[0][d];
    if (step <= 0 || strides[1][d] != step) return false;
    const auto distance = static_cast<std::intptr_t>(reinterpret_cast<std::uintptr_t>(b.data.data()) -
                                                     reinterpret_cast<std::uintptr_t>(a.data.data()));
    constexpr auto size = static_cast<std::intptr_t>(sizeof(float));
    if (distance % size != 0) return false;
    const Index offset = ((distance / size) % step + step) % step;  // of b's window after a's
    return inside(a, d) <= offset && offset + inside(b, d) <= step;
}

}  // namespace

bool shares(const Tensor& out, const ConstTensor& in) noexcept {
    if (!overlap(touched(out), touched(in))) return false;
    for (int d = 0; d < 3; ++d) {
        if (interleave(out, in, d)) return false;
    }
    return true;
}

}  // namespace headroom::detail
