#include "bench/peer_modules.hpp"

#include <headroom/port.hpp>

#include <dlfcn.h>
#include <stdlib.h>

namespace bench {
namespace {

// Variables that keep the libraries from instructions beyond AVX2. Without them each takes the
// widest that it knows for this processor; but OpenBLAS, on one that is newer than itself, takes
// kernels of 2004, and is told to take those of AVX-512.
struct Width {
    const char *name, *avx2, *avx512;
};
constexpr Width widths[] = {
    {"OPENBLAS_CORETYPE", "Haswell", "SkylakeX"},
    {"DNNL_MAX_CPU_ISA", "AVX2", nullptr},
    {"LIBXSMM_TARGET", "hsw", nullptr},
    {"ATEN_CPU_CAPABILITY", "avx2", nullptr},
};

void set_environment(const std::string& port) {
    for (const char* name : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"})
        setenv(name, "1", 1);
    for (const auto& [name, avx2, avx512] : widths) {
        const char* const width = port == "x86_avx2"     ? avx2
                                  : port == "x86_avx512" ? avx512
                                                         : nullptr;
        if (width != nullptr)
            setenv(name, width, 1);
        else
            unsetenv(name);
    }
}

// The names under which the module may have been built, the best first: for a port without vectors
// of its own the widest that runs here.
std::vector<std::string> variants(const std::string& name, const std::string& port) {
    std::vector<std::string> all{name + "_" + port, name};
    for (const headroom::Port* const other : headroom::ports()) {
        if (other->supported()) all.push_back(name + "_" + other->name);
    }
    return all;
}

// It looks for AVX-512 itself and knows no setting against it.
bool takes_more_than(const std::string& port, const std::string& name) {
    if (name != "onnxruntime" || port != "x86_avx2") return false;
    const headroom::Port* const wider = headroom::find_port("x86_avx512");
    return wider != nullptr && wider->supported();
}

PeerModule load(const std::string& name, const std::string& port,
                const std::filesystem::path& folder) {
    PeerModule module{name, nullptr, "not in this build: its library was not found"};
    if (takes_more_than(port, name)) {
        module.words = "it cannot be held to the instructions of " + port;
        return module;
    }
    for (const std::string& variant : variants(name, port)) {
        const std::filesystem::path file = folder / ("headroom_peer_" + variant + ".so");
        if (!std::filesystem::exists(file)) continue;
        void* const handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
        const auto entry =
            handle == nullptr ? nullptr
                              : reinterpret_cast<const Peer* (*)()>(dlsym(handle, "headroom_peer"));
        if (entry == nullptr) {
            module.words = dlerror();
        } else {
            module.peer = entry();
            module.words = module.peer->description();
        }
        break;
    }
    return module;
}

}  // namespace

const std::vector<std::string>& known_peers() {
    static const std::vector<std::string> names{"openblas", "eigen",   "eigen_fixed", "onednn",
                                                "libxsmm",  "pytorch", "onnxruntime"};
    return names;
}

std::vector<PeerModule> load_peers(const std::vector<std::string>& wanted, const std::string& port,
                                   const std::filesystem::path& folder) {
    set_environment(port);
    std::vector<PeerModule> peers;
    peers.reserve(wanted.size());
    for (const std::string& name : wanted) peers.push_back(load(name, port, folder));
    return peers;
}

}  // namespace bench
