// Rotary embedding: the angles in double precision, and the rotation of rows by a port's kernel.
#include <headroom/rotary.hpp>

#include <headroom/detail/layer.hpp>

#include "attention/memory.hpp"
#include "attention/real.hpp"
#include "kernels/kernels.hpp"

namespace headroom {
namespace detail {

Status check_parameters(const RotaryParameters& p) noexcept {
    // Far beyond every model, and near enough that no power below overflows.
    constexpr double most = 1e100;
    if (p.dim < 2 || p.dim % 2 != 0 || p.dim > 65536 || !(p.base > 1.0 && p.base <= most))
        return Status::bad_value;
    if (p.scaling == RotaryScaling::none) return Status::ok;
    if (!(p.factor >= 1.0 && p.factor <= 1e9)) return Status::bad_value;
    if (p.scaling == RotaryScaling::linear) return Status::ok;
    if (p.dim <= 2) return Status::bad_value;
    if (p.scaling == RotaryScaling::ntk) return Status::ok;
    const bool betas = finite(p.beta_fast) && finite(p.beta_slow) && p.beta_slow > 0.0 &&
                       p.beta_fast > p.beta_slow;
    const bool factor = p.attention_factor >= 0.0 && p.attention_factor <= 1e9;
    return p.scaling == RotaryScaling::yarn && p.original_positions > 0 && betas && factor
               ? Status::ok
               : Status::bad_value;
}

namespace {

constexpr double kTwoPi = 6.283185307179586;

// YaRN leaves pairs alone that turn more than beta_fast times over the original length, scales
// those that turn less than beta_slow times, and blends linearly between. A pair's index follows
// from its turns: dim * ln(length / (2 pi turns)) / (2 ln base).
double pair_of_turns(const RotaryParameters& p, double turns) noexcept {
    const double length = static_cast<double>(p.original_positions);
    return p.dim * natural_log(length / (turns * kTwoPi)) / (2.0 * natural_log(p.base));
}

double rounded_down(double x) noexcept {
    if (x > 1e15 || x < -1e15) return x;  // is whole already, and may not fit an integer
    const double n = static_cast<double>(static_cast<std::int64_t>(x));
    return n > x ? n - 1.0 : n;
}

// The share of a pair's angle that is scaled, 0 ... 1.
double yarn_share(const RotaryParameters& p, int pair) noexcept {
    double low = rounded_down(pair_of_turns(p, p.beta_fast)),
           high = -rounded_down(-pair_of_turns(p, p.beta_slow));
    if (low < 0.0) low = 0.0;
    if (high > p.dim - 1) high = p.dim - 1;
    if (low == high) high += 0.001;
    const double share = (pair - low) / (high - low);
    return share < 0.0 ? 0.0 : share > 1.0 ? 1.0 : share;
}

double frequency(const RotaryParameters& p, int pair) noexcept {
    double base = natural_log(p.base);
    if (p.scaling == RotaryScaling::ntk) base += natural_log(p.factor) * p.dim / (p.dim - 2);
    const double plain = exponential(-2.0 * pair / p.dim * base);
    if (p.scaling == RotaryScaling::linear) return plain / p.factor;
    if (p.scaling != RotaryScaling::yarn) return plain;
    const double share = yarn_share(p, pair);
    return plain / p.factor * share + plain * (1.0 - share);
}

double magnitude(const RotaryParameters& p) noexcept {
    if (p.scaling != RotaryScaling::yarn) return 1.0;
    return p.attention_factor > 0.0 ? p.attention_factor : 0.1 * natural_log(p.factor) + 1.0;
}

constexpr std::int64_t farthest = std::int64_t{1} << 31;

bool in_range(std::int64_t first, std::int64_t count) noexcept {
    return first >= -farthest && first <= farthest && count >= 0 && count <= farthest &&
           first + count <= farthest;
}

void fill_row(double angle_per_position, double position, double scale, float& cos,
              float& sin) noexcept {
    const SinCos at = sin_cos(position * angle_per_position);
    cos = static_cast<float>(at.cos * scale);
    sin = static_cast<float>(at.sin * scale);
}

}  // namespace

void compute_rotary(const RotaryParameters& p, std::int64_t first_position, std::int64_t positions,
                    float* cos, float* sin, double* frequencies) noexcept {
    const int half = p.dim / 2;
    const double scale = magnitude(p);
    for (int i = 0; i < half; ++i) frequencies[i] = frequency(p, i);
    for (std::int64_t t = 0; t < positions; ++t) {
        for (int i = 0; i < half; ++i) {
            fill_row(frequencies[i], static_cast<double>(first_position + t), scale, *cos++,
                     *sin++);
        }
    }
}

void rotate_rows(const Port& port, float* rows, Index tokens, Index row_stride, Index heads,
                 Index width, Index dim, RotaryPairs pairs, const float* cos,
                 const float* sin) noexcept {
    for (Index t = 0; t < tokens; ++t) {
        for (Index h = 0; h < heads; ++h) {
            float* head = rows + t * row_stride + h * width;
            rotate_on(port,
                      {head, head, width, dim, pairs, cos + t * (dim / 2), sin + t * (dim / 2)});
        }
    }
}

Status check_rotary(const LayerCall& call, std::int64_t first_position, Index tokens) noexcept {
    const LayerFeatures& f = call.features;
    if (f.computed != nullptr && f.tables != nullptr) return Status::bad_value;  // which of them?
    if (f.computed != nullptr) {
        if (const Status s = check_parameters(f.computed->parameters); s != Status::ok) return s;
        if (f.computed->parameters.dim != call.shape.rotary_dim) return Status::bad_shape;
        return in_range(first_position, tokens) ? Status::ok : Status::bad_value;
    }
    const RotaryTables& t = *f.tables;
    if (t.dim < 2 || t.dim % 2 != 0 || t.dim > call.shape.head_dim || t.positions < 0)
        return Status::bad_shape;
    const std::size_t size = t.positions == 0 ? 0 : rotary_table_size(t.dim, t.positions);
    if (size == 0 && t.positions > 0) return Status::bad_shape;
    if (t.cos.size() < size || t.sin.size() < size) return Status::too_small;
    const bool inside =
        tokens == 0 || (first_position >= 0 && first_position <= t.positions - tokens);
    if (!inside) return Status::bad_value;
    const Range statistics = f.statistics != nullptr ? range_of(f.statistics->heads) : Range{};
    const Range arenas[] = {range_of(call.state), range_of(call.scratch),
                            touched(as_tensor(call.y)), statistics};
    for (const Range& arena : arenas) {
        if (overlap(arena, range_of(t.cos)) || overlap(arena, range_of(t.sin)))
            return Status::overlap;
    }
    return Status::ok;
}

}  // namespace detail

using namespace detail;

Result build_rotary(const RotaryParameters& p, std::int64_t first_position, std::int64_t positions,
                    std::span<float> cos, std::span<float> sin) noexcept {
    if (const Status s = check_parameters(p); s != Status::ok) return {s, 1};
    if (first_position < -farthest || first_position > farthest) return {Status::bad_value, 2};
    if (!in_range(first_position, positions)) return {Status::bad_value, 3};
    if (positions == 0) return {};
    const std::size_t size = rotary_table_size(p.dim, positions);
    if (size == 0) return {Status::bad_value, 3};
    if (cos.size() < size) return {Status::too_small, 4};
    if (sin.size() < size) return {Status::too_small, 5};
    if (overlap(range_of(cos.first(size)), range_of(sin.first(size)))) return {Status::overlap, 5};

    // Pair by pair, so that no memory is needed for the frequencies.
    const std::size_t half = static_cast<std::size_t>(p.dim / 2);
    const double scale = magnitude(p);
    for (std::size_t i = 0; i < half; ++i) {
        const double turn = frequency(p, static_cast<int>(i));
        for (std::int64_t t = 0; t < positions; ++t) {
            const std::size_t at = static_cast<std::size_t>(t) * half + i;
            fill_row(turn, static_cast<double>(first_position + t), scale, cos[at], sin[at]);
        }
    }
    return {};
}

Result rotate(const Port& port, const ConstTensor& in, const Tensor& out,
              const RotaryTables& tables, std::span<const std::int64_t> positions) noexcept {
    if (!port.supported()) return {Status::unsupported_port, 1};
    Range read, written;
    if (const Status s = check_tensor(in, read); s != Status::ok) return {s, 2};
    if (const Status s = check_tensor(out, written); s != Status::ok) return {s, 3};
    if (out.batches != in.batches || out.tokens != in.tokens || out.heads != in.heads ||
        out.width != in.width || !writable(out)) {
        return {Status::bad_shape, 3};
    }
    const bool in_place = out.data.data() == in.data.data() &&
                          out.batch_stride == in.batch_stride &&
                          out.token_stride == in.token_stride && out.head_stride == in.head_stride;
    if (!in_place && shares(out, in)) return {Status::overlap, 3};
    if (tables.dim < 2 || tables.dim % 2 != 0 || tables.dim > in.width || tables.positions < 0)
        return {Status::bad_shape, 4};
    const std::size_t size =
        tables.positions == 0 ? 0 : rotary_table_size(tables.dim, tables.positions);
    if (size == 0 && tables.positions > 0) return {Status::bad_shape, 4};
    if (tables.cos.size() < size || tables.sin.size() < size) return {Status::too_small, 4};
    if (overlap(written, range_of(tables.cos)) || overlap(written, range_of(tables.sin)))
        return {Status::overlap, 3};
    const auto tokens = static_cast<std::size_t>(in.batches * in.tokens);
    if (const Status s = check_count(positions.size(), tokens); s != Status::ok) return {s, 5};
    if (overlap(written, range_of(positions))) return {Status::overlap, 3};
    for (const std::int64_t p : positions) {
        if (p < 0 || p >= tables.positions) return {Status::bad_value, 5};
    }

    const Index half = tables.dim / 2;
    for (Index b = 0; b < in.batches; ++b) {
        for (Index t = 0; t < in.tokens; ++t) {
            const auto row =
                static_cast<Index>(positions[static_cast<std::size_t>(b * in.tokens + t)]) * half;
            for (Index h = 0; h < in.heads; ++h) {
                const float* from =
                    in.data.data() + b * in.batch_stride + t * in.token_stride + h * in.head_stride;
                float* to = out.data.data() + b * out.batch_stride + t * out.token_stride +
                            h * out.head_stride;
                rotate_on(port, {from, to, in.width, tables.dim, tables.pairs,
                                 tables.cos.data() + row, tables.sin.data() + row});
            }
        }
    }
    return {};
}

}  // namespace headroom
