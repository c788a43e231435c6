// What is used here of ONNX Runtime's interface for C. Its npm package brings the library and no
// header. The interface is one table of functions to which later versions append: a position, once
// given, stays, so the beginning of the table is the same in all of them.
//
//   OrtGetApiBase() -> base { table(), version() }    table(1) -> function 0, 1, 2, ...
#pragma once

#include <dlfcn.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace bench {
namespace {

struct OnnxStatus;  // null: it went well
struct OnnxEnvironment;
struct OnnxOptions;
struct OnnxSession;
struct OnnxAllocator;
struct OnnxMemory;
struct OnnxValue;

constexpr int kOnnxErrorsOnly = 3;  // of its log
constexpr int kOnnxOptimizeAll = 99;
constexpr int kOnnxFloat = 1;
constexpr int kOnnxArena = 1;
constexpr int kOnnxDefaultMemory = 0;

template <std::size_t count>
struct Unused {
    void (*functions[count])();
};

struct OnnxFunctions {
    Unused<2> from_0;
    const char* (*message)(const OnnxStatus*);
    OnnxStatus* (*create_environment)(int log_level, const char* name, OnnxEnvironment** out);
    Unused<3> from_4;
    OnnxStatus* (*create_session)(const OnnxEnvironment*, const char* model, const OnnxOptions*,
                                  OnnxSession** out);
    Unused<1> from_8;
    OnnxStatus* (*run)(OnnxSession*, const void* options, const char* const* input_names,
                       const OnnxValue* const* inputs, std::size_t input_count,
                       const char* const* output_names, std::size_t output_count,
                       OnnxValue** outputs);
    OnnxStatus* (*create_options)(OnnxOptions** out);
    Unused<12> from_11;
    OnnxStatus* (*set_optimization)(OnnxOptions*, int level);
    OnnxStatus* (*set_threads_of_a_node)(OnnxOptions*, int count);
    OnnxStatus* (*set_threads_of_nodes)(OnnxOptions*, int count);
    Unused<4> from_26;
    OnnxStatus* (*input_count)(const OnnxSession*, std::size_t* out);
    OnnxStatus* (*output_count)(const OnnxSession*, std::size_t* out);
    Unused<4> from_32;
    OnnxStatus* (*input_name)(const OnnxSession*, std::size_t index, OnnxAllocator*, char** out);
    OnnxStatus* (*output_name)(const OnnxSession*, std::size_t index, OnnxAllocator*, char** out);
    Unused<11> from_38;
    OnnxStatus* (*create_tensor)(const OnnxMemory*, void* data, std::size_t bytes,
                                 const std::int64_t* sizes, std::size_t size_count, int type,
                                 OnnxValue** out);
    Unused<19> from_50;
    OnnxStatus* (*create_memory)(int allocator, int kind, OnnxMemory** out);
    Unused<6> from_70;
    OnnxStatus* (*free)(OnnxAllocator*, void*);
    Unused<1> from_77;
    OnnxStatus* (*default_allocator)(OnnxAllocator** out);
    Unused<14> from_79;
    void (*release_status)(OnnxStatus*);
    Unused<1> from_94;
    void (*release_session)(OnnxSession*);
    void (*release_value)(OnnxValue*);
    Unused<3> from_97;
    void (*release_options)(OnnxOptions*);
};
static_assert(offsetof(OnnxFunctions, release_options) == 100 * sizeof(void (*)()));

struct OnnxBase {
    const OnnxFunctions* (*table)(std::uint32_t version);
    const char* (*version)();
};

// The library, loaded at the first use and never let go: it keeps threads' data of its own.
const OnnxBase& onnx_base() {
    static const OnnxBase& base = [&]() -> const OnnxBase& {
        void* const library = dlopen(HEADROOM_ONNXRUNTIME, RTLD_NOW | RTLD_LOCAL);
        void* const entry = library == nullptr ? nullptr : dlsym(library, "OrtGetApiBase");
        if (entry == nullptr) throw std::runtime_error(dlerror());
        return *reinterpret_cast<const OnnxBase* (*)()>(entry)();
    }();
    return base;
}

const OnnxFunctions& onnx() {
    static const OnnxFunctions& table = *onnx_base().table(1);
    return table;
}

void expect_onnx(OnnxStatus* status) {
    if (status == nullptr) return;
    const std::string message = onnx().message(status);
    onnx().release_status(status);
    throw std::runtime_error(message);
}

}  // namespace
}  // namespace bench
