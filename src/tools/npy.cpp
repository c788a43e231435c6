#include "tools/npy.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string_view>

#include "tools/half.hpp"
#include "tools/npy_header.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

static_assert(std::endian::native == std::endian::little, "the files are little-endian");

struct Type {
    const char* descr;
    const char* name;
    std::size_t bytes;
    bool real;
};

// In the order of Dtype.
constexpr std::array<Type, 7> types{{
    {"<f2", "float16", 2, true},
    {"<f4", "float32", 4, true},
    {"<f8", "float64", 8, true},
    {"<i4", "int32", 4, false},
    {"<i8", "int64", 8, false},
    {"|u1", "uint8", 1, false},
    {"|b1", "bool", 1, false},
}};

const Type& type_of(Dtype dtype) { return types[static_cast<std::size_t>(dtype)]; }

[[noreturn]] void fail(const std::string& name, const std::string& what) {
    throw UserError(name + ": " + what);
}

// Text of a file as it may be printed.
std::string printable(std::string_view text) {
    std::string clean(text.substr(0, 32));
    for (char& c : clean) {
        if (c < ' ' || c > '~') c = '?';
    }
    return "'" + clean + "'";
}

Dtype parse_descr(const std::string& descr, const std::string& name) {
    for (std::size_t i = 0; i < types.size(); ++i) {
        if (descr == types[i].descr) return static_cast<Dtype>(i);
    }
    std::string known;
    for (const Type& type : types) known += std::string(known.empty() ? "" : ", ") + type.name;
    const bool big_endian = !descr.empty() && descr[0] == '>';
    fail(name, "has the type " + printable(descr) + (big_endian ? ", which is big-endian" : "") +
                   "; read are little-endian " + known);
}

// The header's text; `file` becomes the data behind it.
std::string_view take_header(std::span<const std::byte>& file, const std::string& name) {
    const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
    if (text.substr(0, 6) != "\x93NUMPY") fail(name, "is not a .npy file");
    const auto byte = [&](std::size_t i) { return std::to_integer<std::size_t>(file[i]); };
    if (file.size() < 8) fail(name, "ends within its header");
    const std::size_t version = byte(6), start = version == 1 ? 10 : 12;
    if (version < 1 || version > 3 || byte(7) != 0) {
        fail(name, "has format version " + std::to_string(version) + "." + std::to_string(byte(7)) +
                       "; read are 1.0, 2.0 and 3.0");
    }
    if (file.size() < start) fail(name, "ends within its header");
    std::size_t length = byte(8) | byte(9) << 8;
    if (version > 1) length |= byte(10) << 16 | byte(11) << 24;
    if (length > file.size() - start) {
        fail(name, "ends within its header, which would have " + std::to_string(length) + " bytes");
    }
    file = file.subspan(start + length);
    return text.substr(start, length);
}

// The elements as stored, each converted.
template <class From, class To, class Convert>
void convert(const NpyArray& array, std::vector<To>& to, Convert element) {
    for (std::size_t i = 0; i < to.size(); ++i) {
        From value;
        std::memcpy(&value, array.data.data() + i * sizeof(From), sizeof(From));
        to[i] = element(value);
    }
}

// As numbers of type `To`: `real` converts a double, `integer` an int64.
template <class To, class Real, class Integer>
std::vector<To> numbers(const NpyArray& array, Real real, Integer integer) {
    std::vector<To> to(array.size());
    switch (array.dtype) {
        case Dtype::float16:
            convert<std::uint16_t>(array, to, [&](auto x) { return real(float_of_half(x)); });
            break;
        case Dtype::float32:
            convert<float>(array, to, real);
            break;
        case Dtype::float64:
            convert<double>(array, to, real);
            break;
        case Dtype::int32:
            convert<std::int32_t>(array, to, integer);
            break;
        case Dtype::int64:
            convert<std::int64_t>(array, to, integer);
            break;
        case Dtype::uint8:
            convert<std::uint8_t>(array, to, integer);
            break;
        case Dtype::boolean:
            convert<std::uint8_t>(array, to, [&](auto x) { return integer(x != 0 ? 1 : 0); });
            break;
    }
    return to;
}

}  // namespace

const char* name_of(Dtype dtype) { return type_of(dtype).name; }
const char* descr_of(Dtype dtype) { return type_of(dtype).descr; }
std::size_t bytes_of(Dtype dtype) { return type_of(dtype).bytes; }
bool is_real(Dtype dtype) { return type_of(dtype).real; }

float nearest_float(double value) {
    constexpr double largest = std::numeric_limits<float>::max();
    return static_cast<float>(std::isfinite(value) ? std::clamp(value, -largest, largest) : value);
}

std::string NpyArray::type_text() const {
    return std::string(name_of(dtype)) + " " + shape_text(dims);
}

std::vector<float> NpyArray::floats() const {
    if (dtype == Dtype::float32) {
        std::vector<float> values(size());
        if (!values.empty()) std::memcpy(values.data(), data.data(), data.size());
        return values;
    }
    return numbers<float>(
        *this, [](double x) { return nearest_float(x); },
        [](std::int64_t n) { return static_cast<float>(n); });
}

std::vector<double> NpyArray::doubles() const {
    return numbers<double>(
        *this, [](double x) { return x; }, [](std::int64_t n) { return static_cast<double>(n); });
}

std::vector<std::int64_t> NpyArray::integers() const {
    if (is_real(dtype) || dtype == Dtype::boolean) {
        fail(name, "holds " + type_text() + "; it must be int64, int32 or uint8");
    }
    return numbers<std::int64_t>(
        *this, [](double) { return std::int64_t{0}; }, [](std::int64_t n) { return n; });
}

BoolArray NpyArray::bools() const {
    if (dtype != Dtype::boolean) fail(name, "holds " + type_text() + "; it must be bool");
    BoolArray array{std::make_unique<bool[]>(size()), size()};
    std::transform(data.begin(), data.end(), array.data.get(),
                   [](std::byte b) { return b != std::byte{0}; });
    return array;
}

NpyArray parse_npy(std::span<const std::byte> file, const std::string& name) {
    const NpyHeader header = parse_npy_header(take_header(file, name), name);
    NpyArray array{name, parse_descr(header.descr, name), header.dims, file};
    if (header.fortran_order) {
        fail(name, "is in Fortran order; it must be in C order (numpy.ascontiguousarray)");
    }
    const std::size_t each = bytes_of(array.dtype);
    const auto size =
        size_within(array.dims, std::numeric_limits<Index>::max() / static_cast<Index>(each));
    if (!size) fail(name, "its shape " + shape_text(array.dims) + " is out of range");
    const std::size_t bytes = *size * each;
    if (file.size() != bytes) {
        fail(name, "has " + std::to_string(file.size()) + " bytes of data; " + array.type_text() +
                       " takes " + std::to_string(bytes));
    }
    return array;
}

NpyFile::NpyFile(const std::filesystem::path& path)
    : file_(path), array_(parse_npy(file_.bytes(), path.string())) {}

}  // namespace headroom::tools
