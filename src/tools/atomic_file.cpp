#include "tools/atomic_file.hpp"

#include <cerrno>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <system_error>
#include <utility>

#include "tools/interrupt.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

namespace fs = std::filesystem;

constexpr int most_links = 40;  // as Linux follows

[[noreturn]] void fail(const fs::path& path, const char* what, int error) {
    throw UserError(path.string() + ": " + what + ": " + std::strerror(error));
}

// /dev/stdout and the like, which lead through /proc: whoever holds such a file open would not see
// what replaces it, and lose what is written to it otherwise.
bool is_open_file(fs::path path) {
    std::error_code none;
    for (int links = 0; links < most_links; ++links) {
        const fs::path folder = fs::weakly_canonical(fs::absolute(path, none).parent_path(), none);
        if (folder.string().starts_with("/proc/")) return true;
        if (!fs::is_symlink(fs::symlink_status(path, none))) return false;
        path = path.parent_path() / fs::read_symlink(path, none);
    }
    return false;
}

// An ordinary program would write through a link, not replace it by a file.
fs::path target_of(const fs::path& path) {
    std::error_code none;
    const fs::file_status status = fs::status(path, none);
    if (fs::exists(status) && !fs::is_regular_file(status)) {
        throw UserError(path.string() + ": is not a regular file, so it cannot be replaced");
    }
    if (is_open_file(path))
        throw UserError(path.string() +
                        ": is a file that is open already, so it cannot be replaced");
    fs::path target = link_target(path);
    if (fs::is_symlink(fs::symlink_status(target, none))) fail(path, "cannot be written", ELOOP);
    return target;
}

// In the same folder, so that it can be renamed; its name is short whatever the target's is.
fs::path temporary_beside(const fs::path& target) {
    std::random_device random;
    return target.parent_path() / ("headroom." + std::to_string(random()) + ".tmp");
}

}  // namespace

fs::path link_target(const fs::path& path) {
    std::error_code none;
    fs::path target = path;
    for (int links = 0; links < most_links; ++links) {
        if (!fs::is_symlink(fs::symlink_status(target, none))) break;
        target = target.parent_path() / fs::read_symlink(target, none);
    }
    return target;
}

AtomicFile::AtomicFile(const fs::path& path)
    : target_(target_of(path)), path_(temporary_beside(target_)) {
    // "x": fails if the name exists, so that a link laid there beforehand is not followed.
    file_ = std::fopen(path_.c_str(), "wbx");
    if (file_ == nullptr) fail(target_, "cannot be written", errno);
    std::error_code none;  // whoever could not read the file before cannot read the new one
    const fs::file_status before = fs::status(target_, none);
    if (fs::exists(before)) fs::permissions(path_, before.permissions(), none);
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

void put_in_place(AtomicFile& file, const InterruptWatch& watch) {
    file.finish();
    watch.throw_if_interrupted();
    file.commit();
}

void write_file(const fs::path& path, std::span<const std::byte> contents) {
    const InterruptWatch watch;
    AtomicFile file(path);
    file.write(contents);
    put_in_place(file, watch);
}

void write_file(const fs::path& path, std::string_view contents) {
    write_file(path, std::as_bytes(std::span(contents)));
}

}  // namespace headroom::tools
