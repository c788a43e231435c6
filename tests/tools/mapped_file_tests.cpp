// A file's contents, whether the system maps files or they are read: built for both.
#include <doctest.h>

#include "tools/mapped_file.hpp"

#include <fstream>
#include <string>
#include <utility>

#include "support/folder.hpp"
#include "tools/user_error.hpp"

using headroom::test::Folder;
using headroom::tools::MappedFile;
using headroom::tools::UserError;

namespace {

std::string text_of(const MappedFile& file) {
    return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

}  // namespace

TEST_CASE("mapped file: the bytes of the file, also after the object has moved") {
    const Folder folder;
    // More than is read at once, and no multiple of a page.
    std::string large(200'001, 'x');
    large.back() = 'y';
    for (const std::string& contents : {std::string(), std::string("one\0two", 7), large}) {
        const auto path = folder.path() / std::to_string(contents.size());
        std::ofstream(path, std::ios::binary) << contents;
        MappedFile file(path);
        CHECK(text_of(file) == contents);
        MappedFile moved(std::move(file));
        CHECK(text_of(moved) == contents);
        MappedFile other(path);
        other = std::move(moved);
        CHECK(text_of(other) == contents);
    }
}

TEST_CASE("mapped file: what is no file is refused by its name") {
    const Folder folder;
    const auto missing = folder.path() / "missing";
    CHECK_THROWS_WITH_AS(MappedFile{missing}, (missing.string() + ": does not exist").c_str(),
                         UserError);
    CHECK_THROWS_WITH_AS(MappedFile{folder.path()},
                         (folder.path().string() + ": is a folder").c_str(), UserError);
    CHECK_THROWS_WITH_AS(MappedFile{"/dev/null"}, "/dev/null: is not a regular file", UserError);
}
