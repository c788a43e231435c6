// That files are mapped at all: who only sees their bytes cannot tell it from reading them.
#include <doctest.h>

#include "tools/file_map.hpp"

#include <cstddef>
#include <fstream>
#include <span>
#include <string>

#include "support/folder.hpp"

using headroom::test::Folder;
using namespace headroom::tools;

TEST_CASE("file map: a regular file is mapped, an empty and a missing one are not") {
    const Folder folder;
    const auto path = folder.path() / "file";
    std::ofstream(path, std::ios::binary) << "contents";
    const std::span<const std::byte> bytes = map_file(path);
    CHECK(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()) == "contents");
    unmap_file(bytes);

    const auto empty = folder.path() / "empty";
    std::ofstream(empty).close();
    CHECK(map_file(empty).empty());
    CHECK(map_file(folder.path() / "missing").empty());
}
