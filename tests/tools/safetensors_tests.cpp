// The reader of .safetensors files: what it accepts, and what it says of everything else.
#include <doctest.h>

#include "tools/safetensors.hpp"

#include <array>
#include <cmath>
#include <cstring>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "tools/safetensors_file.hpp"
#include "tools/user_error.hpp"

using headroom::test::Folder;
using headroom::test::write_safetensors;
using headroom::tools::Safetensors;

namespace {

// What the reader says of a file; "ok" if nothing.
std::string complaint(const std::string& header, const std::string& data,
                      std::int64_t length = -1) {
    const Folder folder;
    write_safetensors(folder.path() / "f", header, data, length);
    try {
        Safetensors file(folder.path() / "f");
        return "ok";
    } catch (const headroom::tools::UserError& error) {
        const std::string text = error.what();
        CHECK(text.find('\n') == std::string::npos);
        return text.substr(text.find("f: ") + 3);
    }
}

// One tensor "t" with these fields.
std::string one(const std::string& dtype, const std::string& shape, const std::string& offsets) {
    return "{\"t\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape +
           ",\"data_offsets\":" + offsets + "}}";
}

const std::string eight(8, '\0');

}  // namespace

TEST_CASE("safetensors: a checkpoint of PyTorch is recognised") {
    const std::string what = "looks like a PyTorch checkpoint, not a safetensors file; write it";
    const Folder folder;
    const auto said_of = [&](const std::string& bytes) {
        std::ofstream(folder.path() / "f", std::ios::binary) << bytes;
        try {
            Safetensors file(folder.path() / "f");
            return std::string("ok");
        } catch (const headroom::tools::UserError& error) {
            return std::string(error.what());
        }
    };
    CHECK(said_of("PK\x03\x04" + std::string(60, '\0')).find(what) != std::string::npos);
    CHECK(said_of("\x80\x02\x8a\x0a" + std::string(60, '\xff')).find(what) != std::string::npos);
    CHECK(said_of("PK\x05\x06" + std::string(60, '\0')).find(what) == std::string::npos);
    // A header of 0x280 bytes makes a file that begins as a pickle does.
    CHECK(complaint("{}" + std::string(0x280 - 2, ' '), "") == "ok");
}

TEST_CASE("safetensors: what is right is read") {
    CHECK(complaint("{}", "") == "ok");
    CHECK(complaint("{\"__metadata__\":{\"format\":\"pt\"}}   ", "") == "ok");
    CHECK(complaint(one("F32", "[2]", "[0,8]"), eight) == "ok");
    CHECK(complaint(one("F64", "[]", "[0,8]"), eight) == "ok");
    CHECK(complaint(one("BF16", "[0,3]", "[0,0]"), "") == "ok");

    const Folder folder;
    headroom::test::TensorFile()
        .add("b", {2, 2})
        .add("a", {})
        .add("c", {1})
        .write(folder.path() / "f");
    Safetensors file(folder.path() / "f");
    CHECK(file.tensors().size() == 3);
    CHECK(file.read_f32("c") == std::vector<float>{5});
    CHECK(file.read_f32("b") == std::vector<float>{0, 1, 2, 3});
    CHECK(file.read_f32("a") == std::vector<float>{4});
}

TEST_CASE("safetensors: a bad header length") {
    CHECK(complaint("", "", 100).find("is not a safetensors file: its header") == 0);
    CHECK(complaint("{}", "", INT64_MAX).find("is not a safetensors file: its header") == 0);
    CHECK(complaint("{}", "", 0) == "is not a safetensors file: its header is not JSON");
    CHECK(complaint("{}", "", 1) == "is not a safetensors file: its header is not JSON");
    const Folder folder;
    std::ofstream(folder.path() / "f") << "1234567";
    CHECK_THROWS_WITH_AS(Safetensors(folder.path() / "f"), doctest::Contains("too short"),
                         headroom::tools::UserError);
    CHECK_THROWS_WITH_AS(Safetensors(folder.path() / "g"), doctest::Contains("does not exist"),
                         headroom::tools::UserError);
    CHECK_THROWS_WITH_AS(Safetensors(folder.path()), doctest::Contains("is a folder"),
                         headroom::tools::UserError);
}

TEST_CASE("safetensors: a bad header") {
    CHECK(complaint("[]", "") == "its header is not a JSON object");
    CHECK(complaint("{\"t\":1}", "") == "tensor \"t\": needs dtype, shape and two data_offsets");
    CHECK(complaint("{\"t\":{\"dtype\":\"F32\",\"shape\":[]}}", "") ==
          "tensor \"t\": needs dtype, shape and two data_offsets");
    CHECK(complaint(one("F33", "[2]", "[0,8]"), eight) == "tensor \"t\": unknown dtype \"F33\"");
    CHECK(complaint(one("F32", "[-2]", "[0,8]"), eight) ==
          "tensor \"t\": a size or offset is not a natural number");
    CHECK(complaint(one("F32", "[2.0]", "[0,8]"), eight) ==
          "tensor \"t\": a size or offset is not a natural number");
    CHECK(complaint(one("F32", "[18446744073709551615]", "[0,8]"), eight) ==
          "tensor \"t\": a size or offset is out of range");
    CHECK(complaint(one("F32", "[4294967296,4294967296]", "[0,8]"), eight) ==
          "tensor \"t\": its shape overflows");
    const std::string t = "\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}";
    CHECK(complaint("{" + t + "," + t + "}", "1234") ==
          "tensor \"t\": appears twice in the header");
    CHECK(complaint("{\"a\\n\\u0007\":1}", "").find("tensor \"a\\n\\u0007\": ") == 0);
}

TEST_CASE("safetensors: bytes that do not fit") {
    CHECK(complaint(one("F32", "[2]", "[0,12]"), eight) ==
          "tensor \"t\": its data_offsets lie outside the file, which ends at 8");
    CHECK(complaint(one("F32", "[2]", "[8,0]"), eight) ==
          "tensor \"t\": its data_offsets lie outside the file, which ends at 8");
    CHECK(complaint(one("F32", "[1]", "[0,8]"), eight) ==
          "tensor \"t\": has 8 bytes; F32 [1] takes 4");
    CHECK(complaint(one("F32", "[1]", "[4,8]"), eight) ==
          "tensor \"t\": there is a gap before its bytes");
    CHECK(complaint(one("F32", "[1]", "[0,4]"), eight) == "4 bytes at its end belong to no tensor");
    const auto entry = [](const char* name, const char* offsets) {
        return std::string("\"") + name +
               "\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":" + offsets + "}";
    };
    CHECK(complaint("{" + entry("a", "[0,4]") + "," + entry("b", "[2,6]") + "," +
                        entry("c", "[4,8]") + "}",
                    eight) == "tensor \"b\": its bytes overlap those of another tensor");
}

TEST_CASE("safetensors: the bytes of a file in memory") {
    const std::string header = one("F32", "[2]", "[0,8]");
    std::string bytes(8, '\0');
    bytes[0] = static_cast<char>(header.size());
    bytes += header + eight;
    const std::span<const std::byte> all = std::as_bytes(std::span(bytes));
    CHECK(Safetensors(all, "memory").read_f32("t") == std::vector<float>{0, 0});
    for (std::size_t size = 0; size < all.size(); ++size) {
        CHECK_THROWS_WITH_AS(Safetensors(all.first(size), "memory"), doctest::Contains("memory: "),
                             headroom::tools::UserError);
    }
}

TEST_CASE("safetensors: every type of weight becomes f32") {
    const auto read = [](const std::string& dtype, const std::string& count,
                         const std::string& data) {
        const Folder folder;
        write_safetensors(folder.path() / "f",
                          one(dtype, "[" + count + "]", "[0," + std::to_string(data.size()) + "]"),
                          data);
        return Safetensors(folder.path() / "f").read_f32("t");
    };
    const auto bytes_of = [](const auto& values) {
        std::string bytes(sizeof values, '\0');
        std::memcpy(bytes.data(), values.data(), sizeof values);
        return bytes;
    };
    // 1, -2, the largest, the smallest normal, the largest and smallest subnormal, -0
    const std::array<std::uint16_t, 7> halves{0x3c00, 0xc000, 0x7bff, 0x0400,
                                              0x03ff, 0x0001, 0x8000};
    CHECK(read("F16", "7", bytes_of(halves)) ==
          std::vector<float>{1, -2, 65504, 0x1p-14f, 1023 * 0x1p-24f, 0x1p-24f, 0});
    const std::array<std::uint16_t, 3> bfloats{0x3f80, 0xc049, 0x0001};
    CHECK(read("BF16", "3", bytes_of(bfloats)) == std::vector<float>{1, -3.140625f, 0x1p-133f});
    const std::array<double, 3> doubles{0.1, -1.0 / 3, 1e-300};
    CHECK(read("F64", "3", bytes_of(doubles)) == std::vector<float>{0.1f, -1.0f / 3, 0});
    const std::array<std::uint16_t, 2> infinite{0x7c00, 0x7e00};
    const std::vector<float> special = read("F16", "2", bytes_of(infinite));
    CHECK(std::isinf(special[0]));
    CHECK(std::isnan(special[1]));
    CHECK_THROWS_WITH_AS(read("I32", "2", eight),
                         doctest::Contains("tensor \"t\": is I32; weights"),
                         headroom::tools::UserError);
}
