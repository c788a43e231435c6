// The C library's heap, for programs that replace malloc() and its relatives to watch them.
#pragma once

#include <cstddef>
#include <cstdlib>

#ifdef __NEWLIB__

#include <malloc.h>
#include <reent.h>

namespace original {
inline void* malloc(std::size_t bytes) { return _malloc_r(_REENT, bytes); }
inline void* calloc(std::size_t count, std::size_t bytes) {
    return _calloc_r(_REENT, count, bytes);
}
inline void* realloc(void* old, std::size_t bytes) { return _realloc_r(_REENT, old, bytes); }
inline void* memalign(std::size_t alignment, std::size_t bytes) {
    return _memalign_r(_REENT, alignment, bytes);
}
inline void free(void* old) { _free_r(_REENT, old); }
}  // namespace original

#else  // glibc

extern "C" {
void* __libc_malloc(std::size_t bytes);
void* __libc_calloc(std::size_t count, std::size_t bytes);
void* __libc_realloc(void* old, std::size_t bytes);
void* __libc_memalign(std::size_t alignment, std::size_t bytes);
void __libc_free(void* old);
}

namespace original {
inline void* malloc(std::size_t bytes) { return __libc_malloc(bytes); }
inline void* calloc(std::size_t count, std::size_t bytes) { return __libc_calloc(count, bytes); }
inline void* realloc(void* old, std::size_t bytes) { return __libc_realloc(old, bytes); }
inline void* memalign(std::size_t alignment, std::size_t bytes) {
    return __libc_memalign(alignment, bytes);
}
inline void free(void* old) { __libc_free(old); }
}  // namespace original

#endif
