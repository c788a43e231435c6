// A folder for a test's files.
#pragma once

#include <filesystem>
#include <random>
#include <string>

namespace headroom::test {

/// A new folder under a name of its own; gone, with all that is in it, when the object is.
class Folder {
public:
    Folder()
        : path_(std::filesystem::temp_directory_path() /
                ("headroom-" + std::to_string(std::random_device{}()))) {
        std::filesystem::create_directory(path_);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { std::filesystem::remove_all(path_); }
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace headroom::test
