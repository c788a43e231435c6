#include "conformance/npy.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>

namespace headroom::conformance {
namespace {

static_assert(std::endian::native == std::endian::little, "the files are little-endian");

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what) {
    throw std::runtime_error(path.filename().string() + ": " + what);
}

std::string read_all(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) fail(path, "cannot be opened");
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// IEEE binary16: 1 sign, 5 exponent, 10 mantissa bits. Every value is exact in a double.
double from_half(std::uint16_t bits) {
    const int exponent = (bits >> 10) & 31, mantissa = bits & 1023;
    double value = std::ldexp(1024 + mantissa, exponent - 25);
    if (exponent == 0) value = std::ldexp(mantissa, -24);
    if (exponent == 31) value = mantissa == 0 ? INFINITY : NAN;
    return (bits & 0x8000) != 0 ? -value : value;
}

template <class T>
T element(std::span<const char> bytes, std::size_t i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    return value;
}

struct Type {
    const char* descr;
    Dtype dtype;
    std::size_t bytes;
    double (*read)(std::span<const char> bytes, std::size_t i);
};

template <class T>
double plain(std::span<const char> bytes, std::size_t i) {
    return static_cast<double>(element<T>(bytes, i));
}

constexpr std::array<Type, 6> types{{
    {"<f2", Dtype::float16, 2,
     [](std::span<const char> b, std::size_t i) {
         return from_half(element<std::uint16_t>(b, i));
     }},
    {"<f4", Dtype::float32, 4, plain<float>},
    {"<f8", Dtype::float64, 8, plain<double>},
    {"<i4", Dtype::int32, 4, plain<std::int32_t>},
    {"<i8", Dtype::int64, 8, plain<std::int64_t>},
    {"|b1", Dtype::boolean, 1,
     [](std::span<const char> b, std::size_t i) { return b[i] != 0 ? 1.0 : 0.0; }},
}};

// The header's text, and where the data start.
std::string header_of(const std::filesystem::path& path, const std::string& file,
                      std::size_t& data) {
    if (file.size() < 12 || file.compare(0, 6, "\x93NUMPY") != 0) fail(path, "is not a .npy file");
    const auto byte = [&](std::size_t i) {
        return std::size_t{static_cast<unsigned char>(file[i])};
    };
    const std::size_t version = byte(6);
    if (version < 1 || version > 3) fail(path, "has an unknown version");
    const std::size_t start = version == 1 ? 10 : 12;
    std::size_t length = byte(8) | byte(9) << 8;
    if (version > 1) length |= byte(10) << 16 | byte(11) << 24;
    if (length > file.size() - start) fail(path, "ends within its header");
    data = start + length;
    return file.substr(start, length);
}

// What the header, a Python dictionary of three known keys, says of a key: the text between `open`
// and the next `close`.
std::string value_of(const std::filesystem::path& path, const std::string& header,
                     const std::string& key, const std::string& open, char close) {
    const std::string start = "'" + key + "': " + open;
    const std::size_t from = header.find(start);
    const std::size_t to =
        from == std::string::npos ? from : header.find(close, from + start.size());
    if (to == std::string::npos) fail(path, "has no usable " + key);
    return header.substr(from + start.size(), to - from - start.size());
}

// "2, 3", "2," or nothing, for a scalar.
Dims parse_dims(const std::filesystem::path& path, const std::string& text) {
    Dims dims;
    double size = 1;  // only to notice what no file could hold
    std::istringstream list(text);
    for (std::string number; std::getline(list >> std::ws, number, ',');) {
        const bool plain = number.find_first_not_of("0123456789") == std::string::npos;
        if (number.empty() || !plain || number.size() > 15) fail(path, "has no usable shape");
        dims.push_back(std::stoll(number));
        size *= static_cast<double>(dims.back());
    }
    if (size > 1e15) fail(path, "has a shape that no file can hold");
    return dims;
}

}  // namespace

Array read_npy(const std::filesystem::path& path) {
    const std::string file = read_all(path);
    std::size_t start = 0;
    const std::string header = header_of(path, file, start);
    const std::string descr = value_of(path, header, "descr", "'", '\'');
    if (value_of(path, header, "fortran_order", "", ',') != "False") {
        fail(path, "is in Fortran order");
    }
    Array array;
    array.dims = parse_dims(path, value_of(path, header, "shape", "(", ')'));

    const Type* type = nullptr;
    for (const Type& each : types) {
        if (descr == each.descr) type = &each;
    }
    if (type == nullptr) fail(path, "has type " + descr);
    array.dtype = type->dtype;

    const auto size = static_cast<std::size_t>(size_of(array.dims));
    const std::span<const char> bytes = std::span<const char>(file).subspan(start);
    if (bytes.size() != size * type->bytes) {
        fail(path, "has " + std::to_string(bytes.size()) + " bytes of data, not " +
                       std::to_string(size * type->bytes));
    }
    array.values.resize(size);
    for (std::size_t i = 0; i < size; ++i) {
        array.values[i] = type->read(bytes, i);
        if (type->dtype == Dtype::int64 && std::fabs(array.values[i]) > 0x1p53) {
            fail(path, "has an integer beyond 2^53");
        }
    }
    return array;
}

}  // namespace headroom::conformance
