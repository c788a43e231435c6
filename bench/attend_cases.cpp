// The operator attend(): prefill on plain tensors, decode on a cache.
#include "bench/case.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace bench {
namespace {

using headroom::head_major;

headroom::AttendShape scratch_shape(const Shape& s) {
    return {.max_queries = s.tokens,
            .heads = s.heads,
            .kv_heads = s.kv_heads,
            .key_width = s.width,
            .value_width = s.width};
}

// What both kinds of case have: all tensors are [heads][tokens][width].
class AttendCase : public Case {
public:
    AttendCase(const Shape& shape, const headroom::Executor* executor)
        : Case(shape, executor),
          query_(rows() + 1024),  // which a yardstick may read
          key_(keys()),
          value_(keys()),
          out_(rows()),
          scratch_(bytes_of(scratch_bytes())) {
        query_.fill(shape.has_cache() ? 4 : 1, 2.0f);
        key_.fill(shape.has_cache() ? 5 : 2, 1.0f);
        value_.fill(shape.has_cache() ? 6 : 3, 1.0f);
    }

    std::span<const float> our_output() const override { return out_.floats(); }

    std::variant<AttendTask, LayerTask> task(float* out) const override {
        const Shape& s = shape();
        return AttendTask{s.heads,       s.kv_heads,  s.width,       s.tokens,
                          s.keys,        s.causal,    s.has_cache(), scale(),
                          query_.data(), key_.data(), value_.data(), out};
    }

protected:
    std::size_t rows() const { return product(shape().heads, shape().tokens, shape().width); }
    std::size_t keys() const { return product(shape().kv_heads, shape().keys, shape().width); }
    std::size_t scratch_bytes() const {
        return headroom::scratch_bytes(scratch_shape(shape()), workers());
    }
    // attend() with these arguments, and with the executor if there is one.
    template <class... Arguments>
    void attend(const Arguments&... arguments) {
        expect_ok(executor() == nullptr ? headroom::attend(arguments...)
                                        : headroom::attend(arguments..., *executor()),
                  name());
    }
    float scale() const { return 1.0f / std::sqrt(static_cast<float>(shape().width)); }
    headroom::ConstTensor query() const {
        return head_major(query_.floats().first(rows()), shape().heads, shape().tokens,
                          shape().width);
    }
    headroom::ConstTensor of_keys(const Buffer& buffer) const {
        return head_major(buffer.floats(), shape().kv_heads, shape().keys, shape().width);
    }
    headroom::Tensor out() {
        return head_major(out_.floats(), shape().heads, shape().tokens, shape().width);
    }

    Buffer query_, key_, value_, out_, scratch_;
};

// As many keys as queries.
class Prefill : public AttendCase {
public:
    Prefill(const Shape& shape, const headroom::Executor* executor)
        : AttendCase(shape, executor),
          panels_(padded()),
          padded_values_(padded()),
          yardstick_out_(rows() + 1024) {
        for (int h = 0; h < shape.kv_heads; ++h) {
            const std::size_t from = product(h, shape.tokens, shape.width),
                              to = product(h, rounded(), shape.width);
            pack_panels(key_.data() + from, shape.tokens, shape.width, panels_.data() + to);
            std::copy_n(value_.data() + from, product(shape.tokens, shape.width),
                        padded_values_.data() + to);
        }
    }

    void ours(const headroom::Port& port) override {
        attend(port, query(), of_keys(key_), of_keys(value_), out(), scratch_.bytes(),
               headroom::Attention{.causal = shape().causal});
    }
    std::vector<std::span<const float>> data() const override {
        return {query_.floats().first(rows()), key_.floats(), value_.floats()};
    }
    std::size_t arena_bytes() const override { return scratch_bytes(); }

    bool fits_yardstick() const override {
        const Shape& s = shape();
        const bool small = s.width == 16 && s.tokens == 16 && !s.causal;
        return s.heads == s.kv_heads && (small || s.width == 64 || s.width == 128);
    }
    void yardstick(const Yardstick& with) override {
        const Shape& s = shape();
        const YardstickPrefill task{s.heads,
                                    s.tokens,
                                    s.width,
                                    s.causal,
                                    scale(),
                                    query_.data(),
                                    panels_.data(),
                                    padded_values_.data(),
                                    yardstick_out_.data()};
        (s.width == 16 ? with.small : with.prefill)(task);
    }
    std::span<const float> yardstick_output() const override {
        return yardstick_out_.floats().first(rows());
    }

private:
    int rounded() const { return (shape().tokens + 15) / 16 * 16; }
    std::size_t padded() const { return product(shape().kv_heads, rounded(), shape().width); }

    Buffer panels_, padded_values_, yardstick_out_;
};

// Few tokens at the end of a longer sequence, which is in a cache.
class Decode : public AttendCase {
public:
    Decode(const Shape& shape, const headroom::Executor* executor)
        : AttendCase(shape, executor), state_(bytes_of(headroom::state_bytes(cache_shape()))) {
        expect_ok(cache_.open(cache_shape(), state_.bytes()), name());
        expect_ok(cache_.append(of_keys(key_), of_keys(value_)), name());
        if (!fits_yardstick()) return;
        scaled_query_ = Buffer(rows());
        panels_ = Buffer(keys());
        yardstick_out_ = Buffer(rows());
        for (std::size_t i = 0; i < rows(); ++i)
            scaled_query_.data()[i] = scale() * query_.data()[i];
        for (int h = 0; h < shape.kv_heads; ++h) {
            const std::size_t at = product(h, shape.keys, shape.width);
            pack_panels(key_.data() + at, shape.keys, shape.width, panels_.data() + at);
        }
    }

    void ours(const headroom::Port& port) override {
        attend(port, query(), cache_, out(), scratch_.bytes(),
               headroom::Attention{.causal = shape().causal, .first_position = shape().position()});
    }
    std::vector<std::span<const float>> data() const override {
        return {query_.floats().first(rows()), state_.floats()};
    }
    std::size_t arena_bytes() const override {
        return scratch_bytes() + headroom::state_bytes(cache_shape());
    }

    bool fits_yardstick() const override {
        const Shape& s = shape();
        return s.heads == 32 && s.kv_heads == 8 && s.width == 64 && s.tokens == 1 &&
               s.keys % 16 == 0;
    }
    void yardstick(const Yardstick& with) override {
        with.decode({shape().keys, scaled_query_.data(), panels_.data(), value_.data(),
                     yardstick_out_.data()});
    }
    std::span<const float> yardstick_output() const override { return yardstick_out_.floats(); }

private:
    headroom::CacheShape cache_shape() const {
        return {.kv_heads = shape().kv_heads,
                .key_width = shape().width,
                .value_width = shape().width,
                .max_keys = shape().keys};
    }

    Buffer state_, scaled_query_{0}, panels_{0}, yardstick_out_{0};
    headroom::KvCache cache_;
};

}  // namespace

std::unique_ptr<Case> make_attend_case(const Shape& shape, const headroom::Executor* executor) {
    if (shape.has_cache()) return std::make_unique<Decode>(shape, executor);
    return std::make_unique<Prefill>(shape, executor);
}

}  // namespace bench
