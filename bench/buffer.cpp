#include "bench/buffer.hpp"

#include "bench/random.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace bench {

Buffer::Buffer(std::size_t floats) : count_(floats) {
    constexpr std::size_t huge = std::size_t{1} << 21;
    const std::size_t bytes = floats * sizeof(float), alignment = bytes >= huge ? huge : 64;
    const std::size_t whole = (bytes + alignment) / alignment * alignment;
    data_.reset(static_cast<float*>(std::aligned_alloc(alignment, whole)));
    if (data_ == nullptr) throw std::bad_alloc();
    if (bytes >= huge) static_cast<void>(madvise(data_.get(), whole, MADV_HUGEPAGE));
    std::fill_n(data_.get(), whole / sizeof(float), 0.0f);
}

Buffer& Buffer::fill(unsigned seed, float most) {
    bench::fill(floats(), seed, most);
    return *this;
}

}  // namespace bench
