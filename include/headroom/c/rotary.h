// Rotary position embedding (Su et al. 2021): tables, scaling, and the rotation itself.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <headroom/c/memory.h>
#include <headroom/c/port.h>
#include <headroom/c/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Which two elements of the first `dim` are a pair; elements from `dim` on are copied unchanged.
typedef enum hr_rotary_pairs {
    HR_ROTARY_HALVES,      ///< (i, i + dim / 2): Llama, GPT-NeoX.
    HR_ROTARY_INTERLEAVED  ///< (2i, 2i + 1): GPT-J, the original paper.
} hr_rotary_pairs;

/// How the angles are stretched for sequences longer than the model was trained on.
typedef enum hr_rotary_scaling {
    HR_ROTARY_NONE,
    HR_ROTARY_LINEAR,  ///< Positions divided by `factor` (Chen et al. 2023).
    HR_ROTARY_NTK,     ///< Base times factor^(dim / (dim - 2)) ("NTK-aware").
    HR_ROTARY_YARN     ///< By parts (Peng et al. 2023), with the attention factor on cos and sin.
} hr_rotary_scaling;

/// What the angles are: angle(position, i) = position * base^(-2i / dim), scaled.
typedef struct hr_rotary_parameters {
    int dim;                     ///< Rotated elements of a head; even, > 0, > 2 for NTK and YaRN.
    double base;                 ///< > 1, at most 1e100; 0: 10000.
    int scaling;                 ///< An hr_rotary_scaling.
    double factor;               ///< 1 to 1e9; 0: 1. Not used without scaling.
    int64_t original_positions;  ///< YaRN: length the model was trained on, > 0.
    double beta_fast;         ///< YaRN: turns over that length above which nothing is scaled, and
    double beta_slow;         ///< below which all is; > 0, fast > slow; 0: 32 and 1.
    double attention_factor;  ///< YaRN: of cos and sin, up to 1e9; 0: 0.1 ln(factor) + 1.
} hr_rotary_parameters;

/// Elements of one table, cos or sin: f32 [positions][dim / 2]; 0 if invalid or overflowing.
size_t hr_rotary_table_size(int dim, int64_t positions);

/// Computes rows first_position ... first_position + positions - 1 of both tables.
///   1 parameters   2 first_position >= -2^31
///   3 positions    at least 0; first_position + positions <= 2^31
///   4 cos, 5 sin   f32 [positions][dim / 2]   written; `count` elements each, at least
///                  hr_rotary_table_size(); no overlap
/// Each element is the cosine or sine, within 1 ulp of f32 or 1e-12, of an angle computed in double
/// precision, whose own error is below 1e-14 of it (5e-14 for bases beyond 1e8). Returns HR_OK,
/// HR_BAD_VALUE (also for no parameters), HR_TOO_SMALL or HR_OVERLAP; on error nothing is written.
/// Work: one sine and cosine for each element, in double precision, without libm.
hr_result hr_build_rotary(const hr_rotary_parameters* parameters, int64_t first_position,
                          int64_t positions, float* cos, float* sin, size_t count);

/// Tables for hr_rotate() and for layers: row p holds the angles of position p.
typedef struct hr_rotary_tables {
    int dim;
    int pairs;  ///< An hr_rotary_pairs.
    int64_t positions;
    const float* cos;  ///< f32 [positions][dim / 2]
    const float* sin;  ///< f32 [positions][dim / 2]
    size_t count;      ///< Elements of each of them.
} hr_rotary_tables;

/// Angles that a layer computes for itself.
typedef struct hr_rotary_computed {
    hr_rotary_parameters parameters;
    int pairs;  ///< An hr_rotary_pairs.
} hr_rotary_computed;

/// Rotates each pair by its position's angle:  y0 = c x0 - s x1,  y1 = s x0 + c x1.
///
///   1 port       2 in  f32 [batches][tokens][heads][width], width >= tables->dim, read
///   3 out        same shape, written; may be `in` with the same strides, else no overlap
///   4 tables     row of token (b, t): positions[b * tokens + t]
///   5 positions  i64 [batches][tokens], `count` elements, each in [0, tables->positions)
///
/// Returns HR_OK, HR_UNSUPPORTED_PORT, HR_BAD_SHAPE (also for no tables), HR_BAD_VALUE,
/// HR_TOO_SMALL or HR_OVERLAP; on error nothing is written. Work: 4 multiplications, two of them
/// fused with an addition, for each pair.
hr_result hr_rotate(const hr_port* port, hr_const_tensor in, hr_tensor out,
                    const hr_rotary_tables* tables, const int64_t* positions, size_t count);

#ifdef __cplusplus
}
#endif
