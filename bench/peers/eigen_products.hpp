// Eigen's matrix products. Width: that of a head where the compiler knows it, or Eigen::Dynamic.
#pragma once

#include "bench/peers/gemm_attention.hpp"

#define EIGEN_DONT_PARALLELIZE
#include <Eigen/Core>

#include <string>

namespace bench {
namespace {

// Of the three sizes of a product in attention, columns (values) or inner (scores) are the width.
template <int Rows, int Columns, int Inner>
void eigen_product(int rows, int columns, int inner, float factor, const Matrix& a, const Matrix& b,
                   float add, const Output& c) {
    using Eigen::OuterStride;
    using Index = Eigen::Index;
    constexpr auto order = [](int width) { return width == 1 ? Eigen::ColMajor : Eigen::RowMajor; };
    using A = Eigen::Matrix<float, Rows, Inner, order(Inner)>;
    using B = Eigen::Matrix<float, Inner, Columns, order(Columns)>;
    using Bt = Eigen::Matrix<float, Columns, Inner, order(Inner)>;
    using C = Eigen::Matrix<float, Rows, Columns, order(Columns)>;
    const auto stride = [](std::ptrdiff_t n) { return OuterStride<>(static_cast<Index>(n)); };
    const Eigen::Map<const A, 0, OuterStride<>> left(a.data, rows, inner, stride(a.stride));
    Eigen::Map<C, 0, OuterStride<>> out(c.data, rows, columns, stride(c.stride));
    const auto put = [&](const auto& product) {
        if (add == 0.0f)
            out.noalias() = product;
        else
            out.noalias() += product;
    };
    if (b.transposed) {
        const Eigen::Map<const Bt, 0, OuterStride<>> right(b.data, columns, inner,
                                                           stride(b.stride));
        put(factor * left * right.transpose());
    } else {
        const Eigen::Map<const B, 0, OuterStride<>> right(b.data, inner, columns, stride(b.stride));
        put(factor * left * right);
    }
}

template <int Width>
struct EigenProducts {
    static void multiply(int rows, int columns, int inner, float factor, const Matrix& a,
                         const Matrix& b, float add, const Output& c) {
        constexpr int any = Eigen::Dynamic;
        const auto run = [&]<int Rows, int Columns, int Inner>() {
            eigen_product<Rows, Columns, Inner>(rows, columns, inner, factor, a, b, add, c);
        };
        if (rows == 1) return run.template operator()<1, any, any>();
        if constexpr (Width == 16) {
            if (rows == 16 && columns == 16 && inner == 16)
                return run.template operator()<16, 16, 16>();
        }
        if constexpr (Width != any) {
            if (inner == Width) return run.template operator()<any, any, Width>();
            if (columns == Width) return run.template operator()<any, Width, any>();
        }
        run.template operator()<any, any, any>();
    }
};

// Its own list of instructions knows AVX2 and multiply-adds only together with AVX-512.
inline const char* vectors() {
#if defined(EIGEN_VECTORIZE_AVX2) && defined(EIGEN_VECTORIZE_FMA) && \
    !defined(EIGEN_VECTORIZE_AVX512)
    return "AVX2, FMA";
#else
    return Eigen::SimdInstructionSetsInUse();
#endif
}

inline const char* eigen_description() {
    static const std::string words = "Eigen " + std::to_string(EIGEN_WORLD_VERSION) + "." +
                                     std::to_string(EIGEN_MAJOR_VERSION) + "." +
                                     std::to_string(EIGEN_MINOR_VERSION) + ", " + vectors();
    return words.c_str();
}

}  // namespace
}  // namespace bench
