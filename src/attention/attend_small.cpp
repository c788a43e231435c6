// Small heads: a plan would take as long as their attention. In a file of its own, so that it is
// linked with the ports that have the kernel for it only.
#include "attention/plan.hpp"

namespace headroom::detail {
namespace {

// Whether every head is 16 queries that all see 16 keys, widths 16, and no feature takes part.
bool is_sixteen(const AttendCall& call) noexcept {
    const Attention& how = call.how;
    const Features& f = call.features;
    return call.query.tokens == kLanes && call.key.tokens == kLanes && call.query.width == kLanes &&
           call.out.width == kLanes && call.cache == nullptr && !how.causal &&
           how.window_left < 0 && how.window_right < 0 && how.valid_keys.empty() && f.count == 0 &&
           f.finish_tile == nullptr;
}

}  // namespace

bool attend_sixteens(const AttendCall& call) noexcept {
    if (!is_sixteen(call)) return false;
    const ConstTensor &q = call.query, &k = call.key, &v = call.value;
    const Tensor& out = call.out;
    SixteenTask task{nullptr,        nullptr,
                     nullptr,        nullptr,
                     q.token_stride, k.token_stride,
                     v.token_stride, out.token_stride,
                     scale_of(call), reinterpret_cast<float*>(call.scratch.data())};
    const Index group = group_of(q.heads, k.heads);
    for (Index b = 0; b < q.batches; ++b) {
        task.query = element(q, b, 0, 0);
        task.key = element(k, b, 0, 0);
        task.value = element(v, b, 0, 0);
        task.out = element(out, b, 0, 0);
        for (Index h = 0, member = 0;;) {
            if (!attend_sixteen_on(call.port, task)) attend_head(call, b, h);
            if (++h == q.heads) break;  // behind the last head there need not be an address
            task.query += q.head_stride;
            task.out += out.head_stride;
            if (++member < group) continue;
            member = 0;
            task.key += k.head_stride;
            task.value += v.head_stride;
        }
    }
    return true;
}

}  // namespace headroom::detail
