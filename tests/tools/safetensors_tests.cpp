// The reader of .safetensors files: what it accepts, and what it says of everything else.
#include <doctest.h>

#include "tools/safetensors.hpp"

#include <string>

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
    CHECK_THROWS_WITH_AS(Safetensors(folder.path()), doctest::Contains("not a regular file"),
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

TEST_CASE("safetensors: only f32 can be taken") {
    const Folder folder;
    write_safetensors(folder.path() / "f", one("F16", "[4]", "[0,8]"), eight);
    Safetensors file(folder.path() / "f");
    CHECK_THROWS_WITH_AS(file.read_f32("t"), doctest::Contains("tensor \"t\": is F16; only F32"),
                         headroom::tools::UserError);
}
