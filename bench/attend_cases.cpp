// The operator attend(): prefill on plain tensors, decode on a cache.
#include "bench/attend_inputs.hpp"

#include <algorithm>
#include <utility>

namespace bench {
namespace {

// What both kinds of case have.
class AttendCase : public Case {
public:
    AttendCase(const Shape& shape, const headroom::Executor* executor)
        : Case(shape, executor), in_(shape, workers()) {}

    std::span<const float> our_output() const override { return in_.outputs.floats(); }

    std::variant<AttendTask, LayerTask> task(float* out) const override { return in_.task(out); }

protected:
    // attend() with these arguments, and with the executor if there is one.
    template <class... Arguments>
    void attend(const Arguments&... arguments) {
        expect_ok(executor() == nullptr ? headroom::attend(arguments...)
                                        : headroom::attend(arguments..., *executor()),
                  name());
    }
    std::size_t rows() const { return in_.row_floats(); }
    std::span<const float> queries() const { return in_.queries.floats().first(rows()); }

    AttendInputs in_;
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
            pack_panels(in_.keys.data() + from, shape.tokens, shape.width, panels_.data() + to);
            std::copy_n(in_.values.data() + from, product(shape.tokens, shape.width),
                        padded_values_.data() + to);
        }
    }

    void ours(const headroom::Port& port) override {
        attend(port, in_.query(), in_.key(), in_.value(), in_.out(), in_.scratch.bytes(),
               headroom::Attention{.causal = shape().causal});
    }
    std::vector<std::span<const float>> data() const override {
        return {queries(), in_.keys.floats(), in_.values.floats()};
    }
    std::size_t arena_bytes() const override { return in_.scratch_bytes(); }

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
                                    in_.scale(),
                                    in_.queries.data(),
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
        : AttendCase(shape, executor), full_(in_) {
        if (!fits_yardstick()) return;
        scaled_query_ = Buffer(rows());
        panels_ = Buffer(in_.keys.floats().size());
        yardstick_out_ = Buffer(rows());
        for (std::size_t i = 0; i < rows(); ++i)
            scaled_query_.data()[i] = in_.scale() * in_.queries.data()[i];
        for (int h = 0; h < shape.kv_heads; ++h) {
            const std::size_t at = product(h, shape.keys, shape.width);
            pack_panels(in_.keys.data() + at, shape.keys, shape.width, panels_.data() + at);
        }
    }

    void ours(const headroom::Port& port) override {
        attend(port, in_.query(), full_.cache, in_.out(), in_.scratch.bytes(),
               headroom::Attention{.causal = shape().causal, .first_position = shape().position()});
    }
    std::vector<std::span<const float>> data() const override {
        return {queries(), full_.state.floats()};
    }
    std::size_t arena_bytes() const override {
        return in_.scratch_bytes() + headroom::state_bytes(FullCache::shape_of(shape()));
    }

    bool fits_yardstick() const override {
        const Shape& s = shape();
        return s.heads == 32 && s.kv_heads == 8 && s.width == 64 && s.tokens == 1 &&
               s.keys % 16 == 0;
    }
    void yardstick(const Yardstick& with) override {
        with.decode({shape().keys, scaled_query_.data(), panels_.data(), in_.values.data(),
                     yardstick_out_.data()});
    }
    std::span<const float> yardstick_output() const override { return yardstick_out_.floats(); }

private:
    FullCache full_;
    Buffer scaled_query_{0}, panels_{0}, yardstick_out_{0};
};

}  // namespace

std::unique_ptr<Case> make_attend_case(const Shape& shape, const headroom::Executor* executor) {
    if (shape.has_cache()) return std::make_unique<Decode>(shape, executor);
    return std::make_unique<Prefill>(shape, executor);
}

}  // namespace bench
