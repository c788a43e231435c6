// oneDNN: matmul and softmax primitives; the weights of layers in the packed layout that it wants.
#include "bench/peers/dnnl_attention.hpp"

#include <string>

namespace bench {
namespace {

const char* isa_name() {
    switch (dnnl::get_effective_cpu_isa()) {
        case dnnl::cpu_isa::avx2:
            return "AVX2";
        case dnnl::cpu_isa::avx2_vnni:
            return "AVX2 VNNI";
        case dnnl::cpu_isa::avx512_core:
            return "AVX-512";
        case dnnl::cpu_isa::avx512_core_vnni:
            return "AVX-512 VNNI";
        case dnnl::cpu_isa::avx512_core_bf16:
            return "AVX-512 BF16";
            return "AVX-512 FP16";
        case dnnl::cpu_isa::avx512_core_amx:
            return "AMX";
        default:
            return "the widest it knows";
    }
}

const char* description() {
    const dnnl_version_t* const v = dnnl_version();
    static const std::string words = "oneDNN " + std::to_string(v->major) + "." +
                                     std::to_string(v->minor) + "." + std::to_string(v->patch) +
                                     ", " + isa_name();
    return words.c_str();
}

Job* attend(const AttendTask& task) { return new DnnlAttend(task); }
Job* layer(const LayerTask& task) {
    return DnnlLayer::supports(task) ? new DnnlLayer(task) : nullptr;
}

}  // namespace
}  // namespace bench

const bench::Peer* headroom_peer() {
    static constexpr bench::Peer peer{bench::description, bench::attend, bench::layer};
    return &peer;
}
