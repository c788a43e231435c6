// Eigen with sizes known at run time.
#include "bench/peers/eigen_products.hpp"
#include "bench/peers/gemm_attention.hpp"

namespace bench {
namespace {

Job* attend(const AttendTask& task) { return new GemmAttend<EigenProducts<Eigen::Dynamic>>(task); }
Job* layer(const LayerTask& task) { return new GemmLayer<EigenProducts<Eigen::Dynamic>>(task); }

}  // namespace
}  // namespace bench

const bench::Peer* headroom_peer() {
    static constexpr bench::Peer peer{bench::eigen_description, bench::attend, bench::layer};
    return &peer;
}
