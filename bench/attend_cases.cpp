// The operator attend(): prefill on plain tensors, decode on a cache.
#include "bench/case.hpp"
#include "bench/shapes.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <utility>

namespace bench {

Buffer::Buffer(std::size_t floats) : count_(floats) {
    constexpr std::size_t huge = std::size_t{1} << 21;
    const std::size_t bytes = floats * sizeof(float), alignment = bytes >= huge ? huge : 64;
    const std::size_t whole = (bytes + alignment) / alignment * alignment;
    data_.reset(static_cast<float*>(std::aligned_alloc(alignment, whole)));
    if (bytes >= huge) static_cast<void>(madvise(data_.get(), whole, MADV_HUGEPAGE));
    std::fill_n(data_.get(), whole / sizeof(float), 0.0f);
}

Buffer& Buffer::fill(unsigned seed, float most) {
    bench::fill(floats(), seed, most);
    return *this;
}

void pack_panels(const float* rows, int count, int width, float* panels) {
    for (int r = 0; r < (count + 15) / 16 * 16; ++r) {
        for (int c = 0; c < width; ++c) {
            panels[(r / 16 * width + c) * 16 + r % 16] = r < count ? rows[r * width + c] : 0.0f;
        }
    }
}

void expect_ok(headroom::Result result, const std::string& what) {
    if (result.ok()) return;
    std::fprintf(stderr, "%s: %s (argument %d)\n", what.c_str(), describe(result.status),
                 result.argument);
    std::exit(2);
}

namespace {

using headroom::head_major;

std::size_t product(int a, int b, int c) {
    return static_cast<std::size_t>(a) * static_cast<std::size_t>(b) * static_cast<std::size_t>(c);
}

// As many keys as queries, all tensors [heads][tokens][width].
class Prefill : public Case {
public:
    explicit Prefill(const PrefillShape& shape)
        : Prefill(shape.name, shape.heads, shape.queries, shape.width, shape.causal) {}
    Prefill(std::string name, int heads, int tokens, int width, bool causal)
        : Case(std::move(name), pairs(heads, tokens, causal) * 2.0 * width),
          heads_(heads),
          tokens_(tokens),
          width_(width),
          causal_(causal),
          size_(product(heads, tokens, width)),
          query_(size_ + 1024),
          key_(size_),
          value_(size_),
          out_(size_),
          scratch_(bytes_of(headroom::scratch_bytes({.max_queries = tokens,
                                                     .heads = heads,
                                                     .kv_heads = heads,
                                                     .key_width = width,
                                                     .value_width = width}))),
          panels_(product(heads, rounded(), width)),
          padded_values_(product(heads, rounded(), width)),
          yardstick_out_(size_ + 1024) {
        query_.fill(1, 2.0f);
        key_.fill(2, 1.0f);
        value_.fill(3, 1.0f);
        for (int h = 0; h < heads; ++h) {
            const std::size_t from = product(h, tokens, width), to = product(h, rounded(), width);
            pack_panels(key_.data() + from, tokens, width, panels_.data() + to);
            std::copy_n(value_.data() + from, product(1, tokens, width),
                        padded_values_.data() + to);
        }
    }

    void ours(const headroom::Port& port) override {
        const headroom::Tensor out = head_major(out_.floats(), heads_, tokens_, width_);
        expect_ok(headroom::attend(port, input(query_), input(key_), input(value_), out,
                                   scratch_.bytes(), {.causal = causal_}),
                  name());
    }

    void yardstick(const Yardstick& with) override {
        const YardstickPrefill task{heads_,
                                    tokens_,
                                    width_,
                                    causal_,
                                    1.0f / std::sqrt(static_cast<float>(width_)),
                                    query_.data(),
                                    panels_.data(),
                                    padded_values_.data(),
                                    yardstick_out_.data()};
        (width_ == 16 ? with.small : with.prefill)(task);
    }

    std::span<const float> our_output() const override { return out_.floats(); }
    std::span<const float> yardstick_output() const override {
        return yardstick_out_.floats().first(size_);
    }

private:
    static double pairs(double heads, double tokens, bool causal) {
        return heads * tokens * (causal ? 0.5 * (tokens + 1.0) : tokens);
    }
    int rounded() const { return (tokens_ + 15) / 16 * 16; }
    headroom::ConstTensor input(const Buffer& of) const {
        return head_major(of.floats(), heads_, tokens_, width_);
    }

    int heads_, tokens_, width_;
    bool causal_;
    std::size_t size_;
    Buffer query_, key_, value_, out_, scratch_, panels_, padded_values_, yardstick_out_;
};

// One token with the keys in a cache.
class Decode : public Case {
public:
    explicit Decode(const DecodeShape& decode) : Decode(decode.name, decode.keys) {}
    Decode(std::string name, int keys)
        : Case(std::move(name), static_cast<double>(kHeads) * keys * 2.0 * kWidth),
          keys_(keys),
          query_(product(kHeads, 1, kWidth)),
          scaled_query_(product(kHeads, 1, kWidth)),
          key_(product(kKeyHeads, keys, kWidth)),
          value_(product(kKeyHeads, keys, kWidth)),
          panels_(product(kKeyHeads, keys, kWidth)),
          out_(product(kHeads, 1, kWidth)),
          yardstick_out_(product(kHeads, 1, kWidth)),
          state_(bytes_of(headroom::state_bytes(shape()))),
          scratch_(bytes_of(headroom::scratch_bytes({.max_queries = 1,
                                                     .heads = kHeads,
                                                     .kv_heads = kKeyHeads,
                                                     .key_width = kWidth,
                                                     .value_width = kWidth}))) {
        query_.fill(4, 2.0f);
        key_.fill(5, 1.0f);
        value_.fill(6, 1.0f);
        for (std::size_t i = 0; i < query_.floats().size(); ++i)
            scaled_query_.data()[i] = 0.125f * query_.data()[i];
        for (int h = 0; h < kKeyHeads; ++h) {
            const std::size_t at = product(h, keys, kWidth);
            pack_panels(key_.data() + at, keys, kWidth, panels_.data() + at);
        }
        expect_ok(cache_.open(shape(), state_.bytes()), this->name());
        expect_ok(
            cache_.append(head_major(std::as_const(key_).floats(), kKeyHeads, keys, kWidth),
                          head_major(std::as_const(value_).floats(), kKeyHeads, keys, kWidth)),
            this->name());
    }

    void ours(const headroom::Port& port) override {
        expect_ok(headroom::attend(
                      port, head_major(std::as_const(query_).floats(), kHeads, 1, kWidth), cache_,
                      head_major(out_.floats(), kHeads, 1, kWidth), scratch_.bytes()),
                  name());
    }

    void yardstick(const Yardstick& with) override {
        with.decode(
            {keys_, scaled_query_.data(), panels_.data(), value_.data(), yardstick_out_.data()});
    }

    std::span<const float> our_output() const override { return out_.floats(); }
    std::span<const float> yardstick_output() const override { return yardstick_out_.floats(); }

private:
    // decode_2048 differs in its keys only.
    static constexpr int kHeads = decode_512.heads, kKeyHeads = decode_512.kv_heads,
                         kWidth = decode_512.width;
    static_assert(decode_2048.heads == kHeads && decode_2048.kv_heads == kKeyHeads &&
                  decode_2048.width == kWidth);
    headroom::CacheShape shape() const {
        return {
            .kv_heads = kKeyHeads, .key_width = kWidth, .value_width = kWidth, .max_keys = keys_};
    }

    int keys_;
    Buffer query_, scaled_query_, key_, value_, panels_, out_, yardstick_out_, state_, scratch_;
    headroom::KvCache cache_;
};

}  // namespace

std::vector<std::unique_ptr<Case>> attend_cases() {
    std::vector<std::unique_ptr<Case>> all;
    for (const PrefillShape& shape : {attend_98, attend_197, attend_1500, causal_512})
        all.push_back(std::make_unique<Prefill>(shape));
    for (const DecodeShape& shape : {decode_512, decode_2048})
        all.push_back(std::make_unique<Decode>(shape));
    all.push_back(std::make_unique<Prefill>(attend_16));
    return all;
}

}  // namespace bench
