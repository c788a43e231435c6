// Writing .safetensors files, good ones and bad ones.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "support/folder.hpp"

namespace headroom::test {

/// A file as it would lie on disk, from its parts, whether they fit or not.
inline void write_safetensors(const std::filesystem::path& path, const std::string& header,
                              const std::string& data, std::int64_t length = -1) {
    const std::uint64_t stated = length < 0 ? header.size() : static_cast<std::uint64_t>(length);
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &stated, 8);
    std::ofstream(path, std::ios::binary) << bytes << header << data;
}

/// Tensors of f32 that count 0, 1, 2... through the whole file, or hold one value or those given.
class TensorFile {
public:
    TensorFile& add(const std::string& name, const std::vector<std::int64_t>& shape,
                    std::optional<float> value = {}) {
        std::size_t size = 1;
        for (const std::int64_t n : shape) size *= static_cast<std::size_t>(n);
        std::vector<float> values(size);
        for (std::size_t i = 0; i < size; ++i)
            values[i] = value.value_or(static_cast<float>(data_.size() + i));
        return add(name, shape, values);
    }
    TensorFile& add(const std::string& name, const std::vector<std::int64_t>& shape,
                    const std::vector<float>& values) {
        const std::size_t begin = data_.size() * sizeof(float);
        data_.insert(data_.end(), values.begin(), values.end());
        header_[name] = {{"dtype", "F32"},
                         {"shape", shape},
                         {"data_offsets", {begin, data_.size() * sizeof(float)}}};
        return *this;
    }
    void write(const std::filesystem::path& path) const {
        std::string bytes(data_.size() * sizeof(float), '\0');
        if (!data_.empty()) std::memcpy(bytes.data(), data_.data(), bytes.size());
        write_safetensors(path, header_.dump(), bytes);
    }

private:
    nlohmann::json header_ = nlohmann::json::object();
    std::vector<float> data_;
};

}  // namespace headroom::test
