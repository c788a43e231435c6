// libxsmm: its compiled-at-run-time kernels for small products, and a hand-written blocked softmax
// around them, so that a block of scores never leaves the nearest caches.
#include "bench/peers/peer.hpp"
#include "bench/peers/tuned.hpp"
#include "bench/peers/xsmm_kernels.hpp"

#include <string>

namespace bench {
namespace {

class Attend : public Job {
public:
    explicit Attend(const AttendTask& t)
        : t_(t),
          rows_(t.heads / t.kv_heads * t.tokens),
          columns_(floats(t.kv_heads * t.keys, t.width)),
          kernels_(all_kernels(t.width, rows_, t.tokens, t.keys, t.causal, t.scale,
                               {t.width, t.width, t.width})) {
        if (!all_good(kernels_)) return;
        for (int g = 0; g < t.kv_heads; ++g) pack(g);
        variant_ = fastest_variant(variants, [this](int variant) { run(variant); });
    }
    bool good() const { return all_good(kernels_); }
    void run() override { run(variant_); }

private:
    std::ptrdiff_t key_size() const { return std::ptrdiff_t{t_.keys} * t_.width; }
    void pack(int g) {
        transpose(t_.key + g * key_size(), t_.width, t_.keys, t_.width,
                  columns_.data() + g * key_size());
    }
    void run(int variant) {
        for (int g = 0; g < t_.kv_heads; ++g) {
            if (!t_.has_cache) pack(g);
            const std::ptrdiff_t query = std::ptrdiff_t{g} * rows_ * t_.width;
            kernels_[static_cast<std::size_t>(variant)].run(
                t_.query + query, columns_.data() + g * key_size(), t_.value + g * key_size(),
                t_.out + query);
        }
    }

    AttendTask t_;
    int rows_;
    std::vector<float> columns_;
    std::vector<HeadKernels> kernels_;
    int variant_ = 0;
};

// Rows of one token's heads that share keys, or of all tokens of one head.
class Layer : public Job {
public:
    explicit Layer(const LayerTask& t)
        : t_(t),
          group_(t.tokens == 1 ? t.heads / t.kv_heads : 1),
          input_(t.input_weight, t.input_bias, t.tokens, t.model_dim, t.input_width()),
          output_(t.output_weight, t.output_bias, t.tokens, t.model_dim, t.model_dim),
          projected_(floats(t.tokens, t.input_width())),
          heads_(floats(t.tokens, t.model_dim)),
          columns_(floats(t.kv_heads * t.keys, t.width)),
          kernels_(all_kernels(t.width, t.tokens == 1 ? group_ : t.tokens, t.tokens, t.keys,
                               t.causal, t.scale, strides())) {
        if (!good()) return;
        if (t.position() > 0) {
            values_.assign(t.cached_values, t.cached_values + t.kv_heads * key_size());
            for (int g = 0; g < t.kv_heads; ++g) {
                transpose(t.cached_keys + g * key_size(), t.width, t.keys, t.width,
                          columns_.data() + g * key_size());
            }
        }
        variant_ = fastest_variant(variants, [this](int variant) { run(variant); });
    }
    bool good() const { return input_.good() && output_.good() && all_good(kernels_); }
    void run() override { run(variant_); }

private:
    std::ptrdiff_t key_size() const { return std::ptrdiff_t{t_.keys} * t_.width; }
    Strides strides() const {
        const bool one = t_.tokens == 1;
        return {one ? t_.width : t_.input_width(), t_.position() > 0 ? t_.width : t_.input_width(),
                one ? t_.width : t_.model_dim};
    }
    // Where the keys or values of a head begin in a token's projection.
    int column(int head) const { return (t_.heads + head) * t_.width; }

    void run(int variant) {
        input_.run(t_.x, projected_.data());
        for (int g = 0; g < t_.kv_heads; ++g) {
            if (t_.position() > 0)
                append(g);
            else
                transpose(projected_.data() + column(g), t_.input_width(), t_.keys, t_.width,
                          columns_.data() + g * key_size());
        }
        for (int h = 0; h < t_.heads; h += group_) {
            const int g = h / (t_.heads / t_.kv_heads);
            const float* const value = t_.position() > 0
                                           ? values_.data() + g * key_size()
                                           : projected_.data() + column(t_.kv_heads + g);
            kernels_[static_cast<std::size_t>(variant)].run(projected_.data() + h * t_.width,
                                                            columns_.data() + g * key_size(), value,
                                                            heads_.data() + h * t_.width);
        }
        output_.run(heads_.data(), t_.y);
    }

    void append(int g) {
        for (int i = 0; i < t_.tokens; ++i) {
            const float* const row = projected_.data() + std::ptrdiff_t{i} * t_.input_width();
            const int key = t_.position() + i;
            float* const columns = columns_.data() + g * key_size() + key;
            for (int c = 0; c < t_.width; ++c)
                columns[std::ptrdiff_t{c} * t_.keys] = row[column(g) + c];
            std::copy_n(row + column(t_.kv_heads + g), t_.width,
                        values_.data() + g * key_size() + std::ptrdiff_t{key} * t_.width);
        }
    }

    LayerTask t_;
    int group_;
    Projection input_, output_;
    std::vector<float> projected_, heads_, columns_, values_;
    std::vector<HeadKernels> kernels_;
    int variant_ = 0;
};

const char* description() {
    libxsmm_init();
    static const std::string words = std::string("libxsmm ") + LIBXSMM_VERSION + ", target " +
                                     libxsmm_get_target_arch() + ", and a blocked softmax";
    return words.c_str();
}

// Null if the library has no kernel for these sizes.
template <class Made, class Task>
Job* make(const Task& task) {
    auto* const job = new Made(task);
    if (job->good()) return job;
    delete job;
    return nullptr;
}

}  // namespace
}  // namespace bench

const bench::Peer* headroom_peer() {
    static constexpr bench::Peer peer{bench::description,
                                      bench::make<bench::Attend, bench::AttendTask>,
                                      bench::make<bench::Layer, bench::LayerTask>};
    return &peer;
}
