// Rotary position embedding (Su et al. 2021): tables, scaling, and the rotation itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <headroom/detail/call.hpp>
#include <headroom/port.hpp>
#include <headroom/status.hpp>
#include <headroom/tensor.hpp>

namespace headroom {

/// Which two elements of the first `dim` are a pair; elements from `dim` on are copied unchanged.
enum class RotaryPairs : std::uint8_t {
    halves,       ///< (i, i + dim / 2): Llama, GPT-NeoX.
    interleaved,  ///< (2i, 2i + 1): GPT-J, the original paper.
};

/// How the angles are stretched for sequences longer than the model was trained on.
enum class RotaryScaling : std::uint8_t {
    none,
    linear,  ///< Positions divided by `factor` (Chen et al. 2023).
    ntk,     ///< Base times factor^(dim / (dim - 2)) ("NTK-aware").
    yarn,    ///< By parts (Peng et al. 2023), with the attention factor on cos and sin.
};

/// What the angles are: angle(position, i) = position * base^(-2i / dim), scaled.
struct RotaryParameters {
    int dim = 0;            ///< Rotated elements of a head; even, > 0, > 2 for ntk and yarn.
    double base = 10000.0;  ///< > 1, at most 1e100.
    RotaryScaling scaling = RotaryScaling::none;
    double factor = 1.0;                  ///< 1 to 1e9. Not used by none.
    std::int64_t original_positions = 0;  ///< yarn: length the model was trained on, > 0.
    double beta_fast = 32.0;        ///< yarn: turns over that length above which nothing is scaled,
    double beta_slow = 1.0;         ///< and below which all is; > 0, fast > slow.
    double attention_factor = 0.0;  ///< yarn: of cos and sin, up to 1e9; 0: 0.1 ln(factor) + 1.
};

/// Elements of one table, cos or sin: f32 [positions][dim / 2]; 0 if invalid or overflowing.
constexpr std::size_t rotary_table_size(int dim, std::int64_t positions) noexcept {
    return dim < 2 || dim % 2 != 0
               ? 0
               : detail::times(static_cast<std::size_t>(dim / 2), detail::positive(positions));
}

/// Computes rows first_position ... first_position + positions - 1 of both tables.
///   1 parameters   2 first_position >= -2^31
///   3 positions    at least 0; first_position + positions <= 2^31
///   4 cos, 5 sin   f32 [positions][dim / 2]   written; rotary_table_size() elements; no overlap
/// Each element is the cosine or sine, within 1 ulp of f32 or 1e-12, of an angle computed in double
/// precision, whose own error is below 1e-14 of it (5e-14 for bases beyond 1e8). Returns ok,
/// bad_value, too_small or overlap; on error nothing is written. Work: one sine and cosine for each
/// element, in double precision, without libm.
Result build_rotary(const RotaryParameters& parameters, std::int64_t first_position,
                    std::int64_t positions, std::span<float> cos, std::span<float> sin) noexcept;

/// Tables for rotate() and for layers: row p holds the angles of position p. As a feature of a
/// layer it rotates queries and keys; a position beyond the tables is bad_value, as is giving both
/// tables and RotaryComputed.
struct RotaryTables {
    int dim = 0;
    RotaryPairs pairs = RotaryPairs::halves;
    std::int64_t positions = 0;
    std::span<const float> cos;  ///< f32 [positions][dim / 2]
    std::span<const float> sin;  ///< f32 [positions][dim / 2]
};

/// A feature of a layer: the same bits as tables made by build_rotary(), computed for the call's
/// own positions into scratch. The layer's Shape::rotary_dim must be parameters.dim.
struct RotaryComputed {
    RotaryParameters parameters;
    RotaryPairs pairs = RotaryPairs::halves;
};

/// Rotates each pair by its position's angle:  y0 = c x0 - s x1,  y1 = s x0 + c x1.
///
///   1 port     2 in  f32 [batches][tokens][heads][width], width >= tables.dim, read
///   3 out      same shape, written; may be `in` with the same strides, else no overlap
///   4 tables   row of token (b, t): positions[b * tokens + t]
///   5 positions  i64 [batches][tokens], each in [0, tables.positions)
///
/// Returns ok, unsupported_port, bad_shape, bad_value, too_small or overlap; on error nothing is
/// written. Work: 4 multiplications, two of them fused with an addition, for each pair.
Result rotate(const Port& port, const ConstTensor& in, const Tensor& out,
              const RotaryTables& tables, std::span<const std::int64_t> positions) noexcept;

}  // namespace headroom
