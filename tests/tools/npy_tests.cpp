// .npy files: every type and format there is, everything damaged, and what is written.
#include <doctest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "support/folder.hpp"
#include "tools/half.hpp"
#include "tools/npy.hpp"
#include "tools/npy_writer.hpp"
#include "tools/user_error.hpp"

namespace {

using headroom::tools::Dims;
using headroom::tools::Dtype;
using headroom::tools::NpyArray;
using headroom::tools::NpyFile;
using headroom::tools::parse_npy;
using headroom::tools::UserError;

template <class T>
std::string stored(const std::vector<T>& values) {
    std::string bytes(values.size() * sizeof(T), '\0');
    if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

// A file with this header, to the letter.
std::string file_with(const std::string& header, const std::string& data, char version = 1) {
    std::string file = "\x93NUMPY";
    file += {version, '\0', static_cast<char>(header.size() & 255),
             static_cast<char>(header.size() >> 8)};
    if (version > 1) file += std::string(2, '\0');
    return file + header + data;
}

std::string file_of(const std::string& descr, const std::string& shape, const std::string& data) {
    return file_with(
        "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }\n", data);
}

// The bytes outlive the array, which is a view.
struct Parsed {
    explicit Parsed(std::string file)
        : bytes(std::move(file)), array(parse_npy(std::as_bytes(std::span(bytes)), "a.npy")) {}
    std::string bytes;
    NpyArray array;
};

std::vector<double> doubles(const std::string& descr, const std::string& shape,
                            const std::string& data) {
    return Parsed(file_of(descr, shape, data)).array.doubles();
}

// The message of the refusal; "" if there was none.
std::string refusal(const std::string& file) {
    try {
        parse_npy(std::as_bytes(std::span(file)), "a.npy");
    } catch (const UserError& error) {
        return error.what();
    }
    return "";
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("npy: every type") {
    // 1, -2, the smallest and the largest half, infinity
    const std::vector<std::uint16_t> halves = {0x3c00, 0xc000, 0x0001, 0x7bff, 0xfc00};
    CHECK(doubles("<f2", "(5,)", stored(halves)) ==
          std::vector<double>{1, -2, 0x1p-24, 65504, -INFINITY});
    CHECK(doubles("<f4", "(2,)", stored<float>({0.1f, -3})) == std::vector<double>{0.1f, -3});
    CHECK(doubles("<f8", "(2,)", stored<double>({0.1, -3})) == std::vector<double>{0.1, -3});
    CHECK(doubles("<i4", "(2,)", stored<std::int32_t>({-1, 7})) == std::vector<double>{-1, 7});
    CHECK(doubles("<i8", "(2,)", stored<std::int64_t>({-5, 9})) == std::vector<double>{-5, 9});
    CHECK(doubles("|u1", "(2,)", "\xff\x01") == std::vector<double>{255, 1});
    CHECK(doubles("|b1", "(3,)", std::string("\1\0\2", 3)) == std::vector<double>{1, 0, 1});
}

TEST_CASE("npy: shapes, down to none") {
    const std::string six = stored<float>({1, 2, 3, 4, 5, 6});
    CHECK(Parsed(file_of("<f4", "(2, 3)", six)).array.dims == Dims{2, 3});
    CHECK(Parsed(file_of("<f4", "(2, 3,)", six)).array.dims == Dims{2, 3});
    CHECK(Parsed(file_of("<f4", "( 2 ,3 )", six)).array.dims == Dims{2, 3});
    CHECK(Parsed(file_of("<f4", "(6L,)", six)).array.dims == Dims{6});
    CHECK(Parsed(file_of("<f4", "(6,)", six)).array.type_text() == "float32 [6]");

    const Parsed scalar(file_of("<f4", "()", stored<float>({0.5f})));
    CHECK(scalar.array.dims.empty());
    CHECK(scalar.array.floats() == std::vector<float>{0.5f});
    const Parsed none(file_of("<f4", "(2, 0, 3)", ""));
    CHECK(none.array.dims == Dims{2, 0, 3});
    CHECK(none.array.floats().empty());
    CHECK(Parsed(file_of("|b1", "(0,)", "")).array.bools().values().empty());
}

TEST_CASE("npy: formats 1, 2 and 3, keys in any order, white space and either quote") {
    const std::string one = stored<float>({1});
    for (const char version : {'\1', '\2', '\3'}) {
        const Parsed parsed(file_with(
            "{ 'shape' :(1 ,),\"fortran_order\":False , 'descr':\"<f4\"}  \n", one, version));
        CHECK(parsed.array.dims == Dims{1});
        CHECK(parsed.array.floats() == std::vector<float>{1});
    }
    // A header of format 2 may be longer than a length of two bytes can say.
    std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }";
    header.resize(70000, ' ');
    std::string file = file_with(header, one, 2);
    file[8] = '\x70', file[9] = '\x11', file[10] = '\x01';
    CHECK(Parsed(file).array.floats() == std::vector<float>{1});
}

TEST_CASE("npy: a file cut anywhere, or too long, is refused") {
    const std::string file = file_of("<f4", "(2,)", stored<float>({1, 2}));
    REQUIRE(refusal(file).empty());
    for (std::size_t length = 0; length < file.size(); ++length) {
        INFO(length);
        CHECK(refusal(file.substr(0, length)).starts_with("a.npy: "));
    }
    CHECK(refusal(file.substr(0, 60)) ==
          "a.npy: ends within its header, which would have 58 bytes");
    CHECK(refusal(file.substr(0, file.size() - 1)) ==
          "a.npy: has 7 bytes of data; float32 [2] takes 8");
    CHECK(refusal(file + "x") == "a.npy: has 9 bytes of data; float32 [2] takes 8");
}

TEST_CASE("npy: what is no such file") {
    std::string file = file_of("<f4", "(1,)", stored<float>({1}));
    file[5] = 'X';
    CHECK(refusal(file) == "a.npy: is not a .npy file");
    CHECK(refusal("") == "a.npy: is not a .npy file");
    file[5] = 'Y';
    file[6] = 4;
    CHECK(contains(refusal(file), "format version 4.0"));
    file[6] = 0;
    CHECK(contains(refusal(file), "format version 0.0"));
    file[6] = 2;  // the length then takes four bytes, two of them of the dictionary
    CHECK(contains(refusal(file), "ends within its header"));
}

TEST_CASE("npy: orders, types and shapes that are not read say so") {
    const std::string one = stored<float>({1});
    CHECK(
        contains(refusal(file_with("{'descr': '<f4', 'fortran_order': True, 'shape': (1,)}", one)),
                 "is in Fortran order"));
    CHECK(contains(refusal(file_of(">f4", "(1,)", one)), "'>f4', which is big-endian"));
    CHECK(contains(refusal(file_of("<c8", "(1,)", one + one)),
                   "has the type '<c8'; read are little-endian float16, float32, float64, int32"));
    CHECK(contains(refusal(file_of("<f\x1b[", "(1,)", one)), "'<f?['"));
    CHECK(contains(refusal(file_of("", "(1,)", one)), "has the type ''"));
    CHECK(contains(refusal(file_with("{'descr': [('x', '<f4')], 'fortran_order': False, "
                                     "'shape': (1,)}",
                                     one)),
                   "holds records"));
    for (const char* shape :
         {"(4611686018427387904, 4611686018427387904)", "(4611686018427387903,)",
          "(0, 4611686018427387903, 4611686018427387903)"}) {
        INFO(shape);
        CHECK(contains(refusal(file_of("<f4", shape, "")), "out of range"));
    }
    CHECK(contains(refusal(file_of("<f4", "(99999999999999999999,)", "")), "out of range"));
    std::string many = "(";
    for (int i = 0; i < 65; ++i) many += "1,";
    CHECK(contains(refusal(file_of("<f4", many + ")", one)), "more than 64 dimensions"));
}

TEST_CASE("npy: a header that is no dictionary of the three keys") {
    for (const char* header :
         {"",
          "{",
          "{}",
          "['descr']",
          "{'descr': '<f4', 'fortran_order': False}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}",
          "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} {}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)",
          "{'descr': '<f4' 'fortran_order': False, 'shape': (1,)}",
          "{'descr': '<f4, 'fortran_order': False, 'shape': (1,)}",
          "{'descr': '\\x3cf4', 'fortran_order': False, 'shape': (1,)}",
          "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': 1}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (1)}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': [1]}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (1.0,)}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (,)}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (1 1)}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (1, "}) {
        INFO(header);
        CHECK(contains(refusal(file_with(header, stored<float>({1}))), "a.npy: its header "));
    }
}

TEST_CASE("npy: conversions") {
    const double largest = std::numeric_limits<float>::max();
    const std::string wide = stored<double>({0.1, 1e300, -1e300, INFINITY, 0x1.000001p0});
    const std::vector<float> floats = Parsed(file_of("<f8", "(5,)", wide)).array.floats();
    CHECK(floats == std::vector<float>{0.1f, static_cast<float>(largest),
                                       static_cast<float>(-largest), INFINITY, 1});
    CHECK(std::isnan(headroom::tools::nearest_float(NAN)));

    const std::vector<std::int64_t> big = {std::int64_t{1} << 62, -1};
    CHECK(Parsed(file_of("<i8", "(2,)", stored(big))).array.integers() == big);
    CHECK(Parsed(file_of("<i4", "(1,)", stored<std::int32_t>({-7}))).array.integers() ==
          std::vector<std::int64_t>{-7});
    CHECK(Parsed(file_of("<i4", "(1,)", stored<std::int32_t>({-7}))).array.floats() ==
          std::vector<float>{-7});
    const Parsed bools(file_of("|b1", "(3,)", std::string("\0\1\2", 3)));
    const auto values = bools.array.bools();
    CHECK(std::vector<int>(values.values().begin(), values.values().end()) ==
          std::vector<int>{0, 1, 1});

    CHECK_THROWS_WITH_AS(bools.array.integers(),
                         "a.npy: holds bool [3]; it must be int64, int32 or uint8", UserError);
    CHECK_THROWS_WITH_AS(Parsed(file_of("<f4", "()", stored<float>({1}))).array.bools(),
                         "a.npy: holds float32 []; it must be bool", UserError);
}

TEST_CASE("npy: every half is read and written back") {
    using headroom::tools::float_of_half, headroom::tools::half_of_float;
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
        const auto half = static_cast<std::uint16_t>(bits);
        const float value = float_of_half(half);
        const bool is_nan = (bits & 0x7fff) > 0x7c00;
        if (std::isnan(value) != is_nan) FAIL("half ", bits);
        if (is_nan ? !std::isnan(float_of_half(half_of_float(value)))
                   : half_of_float(value) != half)
            FAIL("half ", bits);
        // Half-way to the next one the even one wins; a float beside it decides.
        if (is_nan || (bits & 0x7fff) >= 0x7bff) continue;
        const float next = float_of_half(static_cast<std::uint16_t>(bits + 1));
        const float middle = (value + next) / 2;  // exact
        const std::uint32_t even = bits + (bits & 1);
        if (half_of_float(middle) != even || half_of_float(std::nextafter(middle, value)) != bits ||
            half_of_float(std::nextafter(middle, next)) != bits + 1)
            FAIL("above half ", bits);
    }
    CHECK(half_of_float(65519.9f) == 0x7bff);
    CHECK(half_of_float(65520) == 0x7c00);
    CHECK(half_of_float(-1e30f) == 0xfc00);
}

TEST_CASE("npy: what is written is read again, and nothing else is left in the folder") {
    namespace fs = std::filesystem;
    const headroom::test::Folder owner;
    const fs::path& folder = owner.path();
    const std::vector<float> values = {0.1f, -2, 65504, NAN, -INFINITY, 0x1p-24f};
    for (const Dtype dtype : {Dtype::float16, Dtype::float32, Dtype::float64})
        for (const Dims& dims : {Dims{6}, Dims{2, 3}, Dims{1, 6, 1, 1}, Dims{0, 5}, Dims{}}) {
            const auto size = static_cast<std::size_t>(headroom::tools::size_of(dims));
            const std::span<const float> some = std::span(values).first(size);
            headroom::tools::write_npy(folder / "a.npy", dims, some, dtype);
            const NpyFile file(folder / "a.npy");
            CHECK(file.array().dims == dims);
            CHECK(file.array().dtype == dtype);
            CHECK((fs::file_size(folder / "a.npy") - file.array().data.size()) % 64 == 0);
            const std::vector<float> back = file.array().floats();
            for (std::size_t i = 0; i < size; ++i) {
                const float want = dtype == Dtype::float16 && i == 0 ? 0.0999755859375f : values[i];
                CHECK((back[i] == want || (std::isnan(back[i]) && std::isnan(want))));
            }
        }
    CHECK_THROWS_AS(NpyFile(folder / "b.npy"), UserError);
    CHECK_THROWS_AS(NpyFile{folder}, UserError);
    CHECK_THROWS_AS(headroom::tools::write_npy(folder / "none" / "a.npy", {6}, values), UserError);
    CHECK(std::distance(fs::directory_iterator(folder), fs::directory_iterator()) == 1);
}
