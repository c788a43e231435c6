// A model made ready by ONNX Runtime, one thread, with memory of ours for all that it reads and
// writes.
#pragma once

#include "bench/peers/onnx_interface.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace bench {
namespace {

// Floats with a shape. They stay where they are.
class OnnxTensor {
public:
    OnnxTensor(std::vector<std::int64_t> sizes, const float* from = nullptr)
        : sizes_(std::move(sizes)) {
        std::size_t count = 1;
        for (const std::int64_t size : sizes_) count *= static_cast<std::size_t>(size);
        data_.resize(count);
        if (from != nullptr) data_.assign(from, from + count);
        static OnnxMemory* const memory = [] {
            OnnxMemory* made = nullptr;
            expect_onnx(onnx().create_memory(kOnnxArena, kOnnxDefaultMemory, &made));
            return made;
        }();
        expect_onnx(onnx().create_tensor(memory, data_.data(), count * sizeof(float), sizes_.data(),
                                         sizes_.size(), kOnnxFloat, &value_));
    }
    OnnxTensor(const OnnxTensor&) = delete;
    OnnxTensor& operator=(const OnnxTensor&) = delete;
    ~OnnxTensor() { onnx().release_value(value_); }

    std::vector<float>& floats() { return data_; }
    OnnxValue* value() const { return value_; }

private:
    std::vector<std::int64_t> sizes_;
    std::vector<float> data_;
    OnnxValue* value_ = nullptr;
};

using OnnxTensors = std::map<std::string, OnnxTensor>;

// Its inputs and outputs are the tensors of their names, up to a dot: several may be one tensor.
class OnnxModel {
public:
    OnnxModel(const std::filesystem::path& file, const OnnxTensors& tensors) {
        static OnnxEnvironment* const environment = [] {
            OnnxEnvironment* made = nullptr;
            expect_onnx(onnx().create_environment(kOnnxErrorsOnly, "headroom", &made));
            return made;
        }();
        OnnxOptions* options = nullptr;
        expect_onnx(onnx().create_options(&options));
        expect_onnx(onnx().set_optimization(options, kOnnxOptimizeAll));
        expect_onnx(onnx().set_threads_of_a_node(options, 1));
        expect_onnx(onnx().set_threads_of_nodes(options, 1));
        OnnxStatus* const status =
            onnx().create_session(environment, file.c_str(), options, &session_);
        onnx().release_options(options);
        expect_onnx(status);
        bind(tensors, onnx().input_count, onnx().input_name, inputs_);
        bind(tensors, onnx().output_count, onnx().output_name, outputs_);
    }
    OnnxModel(const OnnxModel&) = delete;
    OnnxModel& operator=(const OnnxModel&) = delete;
    ~OnnxModel() { onnx().release_session(session_); }

    void run() {
        expect_onnx(onnx().run(session_, nullptr, inputs_.pointers.data(), inputs_.values.data(),
                               inputs_.values.size(), outputs_.pointers.data(),
                               outputs_.values.size(), outputs_.values.data()));
    }

    bool has_output(const std::string& name) const {
        for (const std::string& each : outputs_.names) {
            if (each == name) return true;
        }
        return false;
    }

private:
    struct Binding {
        std::vector<std::string> names;
        std::vector<const char*> pointers;
        std::vector<OnnxValue*> values;
    };

    template <class Count, class Name>
    void bind(const OnnxTensors& tensors, Count count_of, Name name_of, Binding& binding) {
        OnnxAllocator* allocator = nullptr;
        expect_onnx(onnx().default_allocator(&allocator));
        std::size_t count = 0;
        expect_onnx(count_of(session_, &count));
        for (std::size_t i = 0; i < count; ++i) {
            char* name = nullptr;
            expect_onnx(name_of(session_, i, allocator, &name));
            binding.names.emplace_back(name);
            expect_onnx(onnx().free(allocator, name));
            const std::string& full = binding.names.back();
            binding.values.push_back(tensors.at(full.substr(0, full.find('.'))).value());
        }
        for (const std::string& name : binding.names) binding.pointers.push_back(name.c_str());
    }

    OnnxSession* session_ = nullptr;
    Binding inputs_, outputs_;
};

}  // namespace
}  // namespace bench
