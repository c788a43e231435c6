// Memory of a configuration: one static block, given out from its beginning, so that a board needs
// no heap for the list.
#pragma once

#include <cstddef>
#include <cstdint>

#include <headroom/headroom.h>

namespace headroom::bits {

/// All memory is given back; what was given out before is overwritten from now on.
void reset_memory();

/// `bytes` zero bytes, aligned to 64; ends the program if there are none left.
hr_memory take_bytes(std::size_t bytes);

/// `count` objects of zero bytes.
template <class T>
T* take(std::ptrdiff_t count) {
    return static_cast<T*>(take_bytes(static_cast<std::size_t>(count) * sizeof(T)).data);
}

/// The most that a configuration took so far.
std::size_t most_memory();

/// Ends the program unless the call succeeded: the list holds no call that is refused.
void must(hr_result result, const char* what);

}  // namespace headroom::bits
