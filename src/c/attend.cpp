// hr_attend() and hr_attend_cached(): the C++ operator with its features bound at run time.
#include "c/features.hpp"

using namespace headroom;
using namespace headroom::c;

namespace {

// Rotary embedding has no place in a call on projected tensors.
Result check_usable(const hr_features& features) noexcept {
    if (features.rotary_tables != nullptr) return {Status::bad_value, HR_ROTARY_TABLES};
    if (features.rotary_computed != nullptr) return {Status::bad_value, HR_ROTARY_COMPUTED};
    return {};
}

Result attend_with(const hr_features* features, const Port& port, const ConstTensor& query,
                   const ConstTensor& key, const ConstTensor& value, const KvCache* cache,
                   const Tensor& out, const hr_memory& scratch, const Attention& how) noexcept {
    const auto memory = bytes_of(scratch);
    if (features == nullptr) {
        return detail::attend(
            {port, query, key, value, cache, out, memory, how, detail::no_features});
    }
    if (const Result r = check_usable(*features); !r.ok()) return r;
    HeldFeatures held;
    detail::Features bound;
    bind_features(*features, port, held, bound);
    return detail::attend({port, query, key, value, cache, out, memory, how, bound});
}

}  // namespace

hr_result hr_attend(const hr_port* port, hr_const_tensor query, hr_const_tensor key,
                    hr_const_tensor value, hr_tensor out, hr_memory scratch,
                    const hr_attention* how, const hr_features* features) {
    if (port == nullptr) return result_of(Status::unsupported_port, 1);
    Attention attention;
    if (const Status s = attention_of(how, attention); s != Status::ok) return result_of(s, 7);
    return result_of(attend_with(features, *port_of(port), tensor_of(query), tensor_of(key),
                                 tensor_of(value), nullptr, tensor_of(out), scratch, attention));
}

hr_result hr_attend_cached(const hr_port* port, hr_const_tensor query, const hr_cache* cache,
                           hr_tensor out, hr_memory scratch, const hr_attention* how,
                           const hr_features* features) {
    if (port == nullptr) return result_of(Status::unsupported_port, 1);
    KvCache opened;
    if (const Result r = open(cache, opened); !r.ok()) return result_of(r.status, 3);
    Attention attention;
    if (const Status s = attention_of(how, attention); s != Status::ok) return result_of(s, 6);
    return result_of(attend_with(features, *port_of(port), tensor_of(query), detail::no_tensor,
                                 detail::no_tensor, &opened, tensor_of(out), scratch, attention));
}
