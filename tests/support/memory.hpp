// Memory for tests: tensors of any layout, and arenas of exactly the bytes asked for.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>

#include <headroom/tensor.hpp>

#include "support/random.hpp"

namespace headroom::test {

/// What every byte holds that nothing may read or write: a signalling NaN as a float would be less
/// visible in a dump, so a quiet one with a pattern.
inline constexpr std::uint32_t canary_bits = 0x7fe5a5a5u;
inline float canary() { return std::bit_cast<float>(canary_bits); }

/// `bytes` bytes that start at `shift` past a multiple of 64 and end where the allocation ends, so
/// that a sanitizer sees each byte beyond; without one, the canary before and after shows a write.
class Arena {
public:
    explicit Arena(std::size_t bytes, std::size_t shift = 0, int fill = 0xff)
        : bytes_(bytes),
          shift_(shift),
          base_(new (std::align_val_t{64}) std::byte[64 + shift + bytes]) {
        std::memset(base_.get(), 0xa5, 64 + shift);
        std::memset(base_.get() + 64 + shift, fill, bytes);
    }

    std::span<std::byte> span() const { return {base_.get() + 64 + shift_, bytes_}; }

    /// Whether what lies before the arena is untouched.
    bool intact() const {
        return std::all_of(base_.get(), base_.get() + 64 + shift_,
                           [](std::byte b) { return b == std::byte{0xa5}; });
    }

private:
    struct Free {
        void operator()(std::byte* p) const { ::operator delete[](p, std::align_val_t{64}); }
    };
    std::size_t bytes_, shift_;
    std::unique_ptr<std::byte[], Free> base_;
};

/// A tensor with its memory. Only the elements of the view are filled; whatever lies between and
/// before them is the canary, which is NaN: reading it shows as well as writing it.
class Field {
public:
    Field() = default;

    /// Any order of the first three dimensions, with gaps, at any address that suits a float. A
    /// tensor that is only read may have one stride 0 (`repeat`).
    static Field random(Random& random, Index batches, Index tokens, Index heads, Index width,
                        bool repeat = false) {
        const std::array<Index, 3> sizes{batches, tokens, heads};
        std::array<Index, 3> order{0, 1, 2}, strides{};
        random.shuffle(std::span<Index>(order));
        const bool gaps = random.chance(0.5);
        Index step = width + (gaps ? random.between(0, 5) : 0);
        for (const Index dimension : order) {
            const auto d = static_cast<std::size_t>(dimension);
            strides[d] = step;
            step = step * std::max<Index>(sizes[d], 1) + (gaps ? random.between(0, 5) : 0);
        }
        if (repeat && random.chance(0.1))
            strides[static_cast<std::size_t>(random.between(0, 2))] = 0;
        return {{{}, batches, tokens, heads, width, strides[0], strides[1], strides[2]},
                random.between(0, 17)};
    }

    /// Contiguous [batches][tokens][heads][width].
    static Field token_major(Index batches, Index tokens, Index heads, Index width) {
        return {headroom::token_major(std::span<float>{}, tokens, heads, width, batches), 0};
    }

    Field(Tensor shape, Index before) : view_(shape) {
        const bool empty = shape.batches * shape.tokens * shape.heads * shape.width == 0;
        const Index used = empty ? 0
                                 : (shape.batches - 1) * shape.batch_stride +
                                       (shape.tokens - 1) * shape.token_stride +
                                       (shape.heads - 1) * shape.head_stride + shape.width;
        size_ = static_cast<std::size_t>(before + used);
        memory_ = std::make_unique<float[]>(size_);
        std::fill_n(memory_.get(), size_, canary());
        view_.data = {memory_.get() + before, static_cast<std::size_t>(used)};
    }

    const Tensor& view() const { return view_; }
    std::span<float> memory() const { return {memory_.get(), size_}; }

    Index place(Index b, Index t, Index h, Index c = 0) const {
        return b * view_.batch_stride + t * view_.token_stride + h * view_.head_stride + c;
    }
    float& at(Index b, Index t, Index h, Index c) const {
        return view_.data[static_cast<std::size_t>(place(b, t, h, c))];
    }
    std::span<float> row(Index b, Index t, Index h) const {
        return view_.data.subspan(static_cast<std::size_t>(place(b, t, h)),
                                  static_cast<std::size_t>(view_.width));
    }

    /// Calls f(b, t, h, row) for every row.
    template <class F>
    void for_each_row(F f) const {
        for (Index b = 0; b < view_.batches; ++b)
            for (Index t = 0; t < view_.tokens; ++t)
                for (Index h = 0; h < view_.heads; ++h) f(b, t, h, row(b, t, h));
    }

    void fill(Random& random, double deviation = 1.0) const {
        for_each_row([&](Index, Index, Index, std::span<float> r) { random.fill(r, deviation); });
    }

    /// The same layout with its own memory, all canary.
    Field blank() const { return {view_, static_cast<Index>(view_.data.data() - memory_.get())}; }

    Field copy() const {
        Field other = blank();
        if (size_ != 0) std::memcpy(other.memory_.get(), memory_.get(), size_ * sizeof(float));
        return other;
    }

    /// Whether every float that is not an element of the view is still the canary.
    bool gaps_intact() const {
        Field mine = copy();
        for (std::size_t i = 0; i < size_ - view_.data.size(); ++i)
            if (std::bit_cast<std::uint32_t>(mine.memory_[i]) != canary_bits) return false;
        mine.for_each_row([](Index, Index, Index, std::span<float> r) {
            std::fill(r.begin(), r.end(), canary());
        });
        return std::all_of(mine.memory_.get(), mine.memory_.get() + size_,
                           [](float x) { return std::bit_cast<std::uint32_t>(x) == canary_bits; });
    }

private:
    Tensor view_;
    std::size_t size_ = 0;
    std::unique_ptr<float[]> memory_;
};

}  // namespace headroom::test
