#include "tools/aligned_bytes.hpp"

#include <new>

namespace headroom::tools {
namespace {
constexpr std::align_val_t alignment{64};
}

AlignedBytes::AlignedBytes(std::size_t size)
    : size_(size), data_(new (alignment) std::byte[size]()) {}

void AlignedBytes::Free::operator()(std::byte* data) const noexcept {
    ::operator delete[](data, alignment);
}

}  // namespace headroom::tools
