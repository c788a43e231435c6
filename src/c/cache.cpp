// The cache: each call makes the handle anew from the caller's structure, and so checks the state's
// header as opening it did.
#include "c/convert.hpp"

using namespace headroom;
using namespace headroom::c;

hr_result hr_cache_open(hr_cache* cache, const hr_cache_shape* shape, hr_memory state) {
    if (cache == nullptr) return result_of(Status::not_open, 1);
    if (shape == nullptr) return result_of(Status::bad_shape, 2);
    KvCache opened;
    const Result result = opened.open(shape_of(*shape), bytes_of(state));
    if (result.ok()) *cache = handle_of(opened);
    return result_of_method(result);
}

int64_t hr_cache_size(const hr_cache* cache) {
    KvCache opened;
    return open(cache, opened).ok() ? opened.size() : 0;
}

int64_t hr_cache_capacity(const hr_cache* cache) {
    KvCache opened;
    return open(cache, opened).ok() ? opened.capacity() : 0;
}

void hr_cache_clear(hr_cache* cache) {
    if (cache != nullptr && cache->state != nullptr)
        __builtin_memset(cache->state, 0, detail::header_bytes);
}

hr_result hr_cache_truncate(hr_cache* cache, int64_t tokens) {
    KvCache opened;
    if (const Result r = open(cache, opened); !r.ok()) return result_of_method(r);
    return result_of_method(opened.truncate(tokens));
}

hr_result hr_cache_append(hr_cache* cache, hr_const_tensor key, hr_const_tensor value) {
    KvCache opened;
    if (const Result r = open(cache, opened); !r.ok()) return result_of_method(r);
    return result_of_method(opened.append(tensor_of(key), tensor_of(value)));
}

hr_result hr_cache_copy(hr_cache* to, const hr_cache* from) {
    KvCache target, source;
    if (const Result r = open(to, target); !r.ok()) return result_of(r.status, 1);
    if (const Result r = open(from, source); !r.ok()) return result_of(r.status, 2);
    return result_of_method(target.copy_from(source));
}
