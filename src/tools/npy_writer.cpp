#include "tools/npy_writer.hpp"

#include <cstdint>
#include <cstring>
#include <string>

#include "tools/atomic_file.hpp"
#include "tools/half.hpp"

namespace headroom::tools {
namespace {

constexpr std::size_t alignment = 64;
constexpr std::size_t preamble = 10;  // magic, version, length

// "(2, 3)", "(2,)" or "()".
std::string tuple_text(const Dims& dims) {
    std::string text = "(";
    for (const Index n : dims) text += (text.size() > 1 ? ", " : "") + std::to_string(n);
    return text + (dims.size() == 1 ? ",)" : ")");
}

template <class To, class Convert>
std::vector<std::byte> stored(std::span<const float> values, Convert convert) {
    std::vector<std::byte> bytes(values.size() * sizeof(To));
    for (std::size_t i = 0; i < values.size(); ++i) {
        const To value = convert(values[i]);
        std::memcpy(bytes.data() + i * sizeof(To), &value, sizeof(To));
    }
    return bytes;
}

}  // namespace

std::vector<std::byte> npy_header(Dtype dtype, const Dims& dims) {
    std::string header = "{'descr': '" + std::string(descr_of(dtype)) +
                         "', 'fortran_order': False, 'shape': " + tuple_text(dims) + ", }";
    const std::size_t used = preamble + header.size() + 1;
    header.append((alignment - used % alignment) % alignment, ' ');
    header += '\n';
    std::string file = "\x93NUMPY";
    file += {'\x01', '\0', static_cast<char>(header.size() & 255),
             static_cast<char>(header.size() >> 8)};
    file += header;
    const auto bytes = std::as_bytes(std::span(file));
    return {bytes.begin(), bytes.end()};
}

std::vector<std::byte> npy_data(Dtype dtype, std::span<const float> values) {
    if (dtype == Dtype::float16) return stored<std::uint16_t>(values, half_of_float);
    if (dtype == Dtype::float64)
        return stored<double>(values, [](float x) { return static_cast<double>(x); });
    return stored<float>(values, [](float x) { return x; });
}

void write_npy(const std::filesystem::path& path, const Dims& dims, std::span<const float> values,
               Dtype dtype) {
    AtomicFile file(path);
    file.write(npy_header(dtype, dims));
    file.write(npy_data(dtype, values));
    file.finish();
    file.commit();
}

}  // namespace headroom::tools
