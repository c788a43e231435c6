// Memory on the heap for the library's arenas and blobs.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace headroom::tools {

/// `size` zero bytes that start at a multiple of 64.
class AlignedBytes {
public:
    explicit AlignedBytes(std::size_t size);

    std::span<std::byte> bytes() noexcept { return {data_.get(), size_}; }
    std::span<const std::byte> bytes() const noexcept { return {data_.get(), size_}; }

private:
    struct Free {
        void operator()(std::byte* data) const noexcept;
    };
    std::size_t size_;
    std::unique_ptr<std::byte[], Free> data_;
};

}  // namespace headroom::tools
