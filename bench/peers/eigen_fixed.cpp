// Eigen with the head's width known to the compiler, where it is a usual one.
#include "bench/peers/eigen_products.hpp"
#include "bench/peers/gemm_attention.hpp"

namespace bench {
namespace {

Job* attend(const AttendTask& task) {
    switch (task.width) {
        case 16:
            return new GemmAttend<EigenProducts<16>>(task);
        case 64:
            return new GemmAttend<EigenProducts<64>>(task);
        case 128:
            return new GemmAttend<EigenProducts<128>>(task);
        default:
            return nullptr;
    }
}
Job* layer(const LayerTask& task) {
    return task.width == 64 ? new GemmLayer<EigenProducts<64>>(task) : nullptr;
}

}  // namespace
}  // namespace bench

const bench::Peer* headroom_peer() {
    static constexpr bench::Peer peer{bench::eigen_description, bench::attend, bench::layer};
    return &peer;
}
