#include "tools/atomic_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <system_error>
#include <utility>

#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const char* what, int error) {
    throw UserError(path.string() + ": " + what + ": " + std::strerror(error));
}

// A file that removes itself unless it has been given its final name.
class Temporary {
public:
    explicit Temporary(const fs::path& target) : target_(target) {
        std::random_device random;
        path_ = target;
        path_ += "." + std::to_string(random()) + ".tmp";
        // "x": fails if the name exists, so that a link laid there beforehand is not followed.
        file_ = std::fopen(path_.c_str(), "wbx");
        if (file_ == nullptr) fail(target_, "cannot be written", errno);
    }
    Temporary(const Temporary&) = delete;
    Temporary& operator=(const Temporary&) = delete;
    ~Temporary() {
        if (file_ != nullptr) std::fclose(file_);
        if (!path_.empty()) std::remove(path_.c_str());
    }

    void write(std::span<const std::byte> contents) {
        if (std::fwrite(contents.data(), 1, contents.size(), file_) != contents.size()) {
            fail(target_, "cannot be written", errno);
        }
    }
    void commit() {
        // Closing writes what is still buffered: a full disk may show only here.
        if (std::fclose(std::exchange(file_, nullptr)) != 0)
            fail(target_, "cannot be written", errno);
        if (std::rename(path_.c_str(), target_.c_str()) != 0) {
            fail(target_, "cannot be replaced", errno);
        }
        path_.clear();
    }

private:
    fs::path target_;
    fs::path path_;
    std::FILE* file_ = nullptr;
};

}  // namespace

void write_file(const fs::path& path, std::span<const std::byte> contents) {
    std::error_code error;
    // A link is written through, as an ordinary program would, not replaced by a file.
    const fs::path target = fs::is_symlink(path, error) ? fs::weakly_canonical(path, error) : path;
    if (fs::exists(target, error) && !fs::is_regular_file(target, error)) {
        throw UserError(path.string() + ": is not a regular file, so it cannot be replaced");
    }
    Temporary file(target);
    file.write(contents);
    file.commit();
}

void write_file(const fs::path& path, std::string_view contents) {
    write_file(path, std::as_bytes(std::span(contents)));
}

}  // namespace headroom::tools
