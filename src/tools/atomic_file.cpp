#include "tools/atomic_file.hpp"

#include <cerrno>
#include <cstring>
#include <limits>
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

// Where a link leads: an ordinary program would write through it, not replace it by a file.
fs::path target_of(const fs::path& path) {
    std::error_code error;
    // Asked of the link: a pipe under /dev/stdout has no path of its own.
    if (fs::exists(path, error) && !fs::is_regular_file(path, error))
        throw UserError(path.string() + ": is not a regular file, so it cannot be replaced");
    return fs::is_symlink(path, error) ? fs::weakly_canonical(path, error) : path;
}

}  // namespace

AtomicFile::AtomicFile(const fs::path& path) : target_(target_of(path)), path_(target_) {
    std::random_device random;
    path_ += "." + std::to_string(random()) + ".tmp";
    // "x": fails if the name exists, so that a link laid there beforehand is not followed.
    file_ = std::fopen(path_.c_str(), "wbx");
    if (file_ == nullptr) fail(target_, "cannot be written", errno);
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : target_(std::move(other.target_)),
      path_(std::move(other.path_)),
      file_(std::exchange(other.file_, nullptr)) {
    other.path_.clear();
}

AtomicFile::~AtomicFile() {
    if (file_ != nullptr) std::fclose(file_);
    if (!path_.empty()) std::remove(path_.c_str());
}

void AtomicFile::write(std::span<const std::byte> contents) {
    if (contents.empty()) return;  // it may point nowhere, which fwrite() must not be given
    if (std::fwrite(contents.data(), 1, contents.size(), file_) != contents.size()) {
        fail(target_, "cannot be written", errno);
    }
}

void AtomicFile::write_at(std::uint64_t place, std::span<const std::byte> contents) {
    constexpr auto furthest = static_cast<std::uint64_t>(std::numeric_limits<long>::max());
    if (place > furthest) fail(target_, "cannot be written", EFBIG);
    if (std::fseek(file_, static_cast<long>(place), SEEK_SET) != 0) {
        fail(target_, "cannot be written", errno);
    }
    write(contents);
}

void AtomicFile::finish() {
    if (std::fclose(std::exchange(file_, nullptr)) != 0) fail(target_, "cannot be written", errno);
}

void AtomicFile::commit() {
    if (std::rename(path_.c_str(), target_.c_str()) != 0) {
        fail(target_, "cannot be replaced", errno);
    }
    path_.clear();
}

void write_file(const fs::path& path, std::span<const std::byte> contents) {
    AtomicFile file(path);
    file.write(contents);
    file.finish();
    file.commit();
}

void write_file(const fs::path& path, std::string_view contents) {
    write_file(path, std::as_bytes(std::span(contents)));
}

}  // namespace headroom::tools
