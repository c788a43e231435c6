// OpenBLAS: its matrix products, and a vectorised softmax between them.
#include "bench/peers/gemm_attention.hpp"

#include <cblas.h>

#include <string>

namespace bench {
namespace {

struct Blas {
    static void multiply(int rows, int columns, int inner, float factor, const Matrix& a,
                         const Matrix& b, float add, const Output& c) {
        const auto size = [](std::ptrdiff_t n) { return static_cast<blasint>(n); };
        if (rows == 1) {  // a product with a vector has kernels of its own
            const int height = b.transposed ? columns : inner,
                      width = b.transposed ? inner : columns;
            cblas_sgemv(CblasRowMajor, b.transposed ? CblasNoTrans : CblasTrans, height, width,
                        factor, b.data, size(b.stride), a.data, 1, add, c.data, 1);
            return;
        }
        cblas_sgemm(CblasRowMajor, CblasNoTrans, b.transposed ? CblasTrans : CblasNoTrans, rows,
                    columns, inner, factor, a.data, size(a.stride), b.data, size(b.stride), add,
                    c.data, size(c.stride));
    }
};

const char* description() {
    openblas_set_num_threads(1);
    std::string config = openblas_get_config();  // "OpenBLAS 0.3.21 ..."
    const std::size_t end = config.find(' ', config.find(' ') + 1);
    static const std::string words =
        config.substr(0, end) + ", core " + openblas_get_corename() + ", and a vectorised softmax";
    return words.c_str();
}

Job* attend(const AttendTask& task) { return new GemmAttend<Blas>(task); }
Job* layer(const LayerTask& task) { return new GemmLayer<Blas>(task); }

}  // namespace
}  // namespace bench

const bench::Peer* headroom_peer() {
    static constexpr bench::Peer peer{bench::description, bench::attend, bench::layer};
    return &peer;
}
