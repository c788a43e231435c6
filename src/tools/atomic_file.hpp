// Writing a file so that nobody ever sees half of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string_view>

namespace headroom::tools {

class InterruptWatch;

/// Where a link leads, over further links, whether there is a file or not; `path` itself if it is
/// no link. Of links that lead round in a circle, one of them.
std::filesystem::path link_target(const std::filesystem::path& path);

/// A temporary file in the folder of the one it is to replace. It is removed unless it has been
/// given that file's name. For several outputs: write all, finish() all, then commit() all, so that
/// nothing is replaced before everything is on disk. Each function throws UserError, naming the
/// file, where the system refuses.
class AtomicFile {
public:
    /// Also throws if `path` is something else than a regular file, or one that this process has
    /// open, such as /dev/stdout. A link is written through.
    explicit AtomicFile(const std::filesystem::path& path);
    AtomicFile(AtomicFile&& other) noexcept;
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;
    ~AtomicFile();

    /// Appends.
    void write(std::span<const std::byte> contents);

    /// Writes at a place, counted from the file's start; what lies between what has been written
    /// is zero.
    void write_at(std::uint64_t place, std::span<const std::byte> contents);

    /// Writes out what is still buffered: a full disk may show only here.
    void finish();

    /// After finish(): takes the place of the file.
    void commit();

private:
    std::filesystem::path target_;
    std::filesystem::path path_;  // empty: nothing to remove
    std::FILE* file_ = nullptr;
};

/// finish() and commit() for a command's only output, unless a signal has come: then Interrupted is
/// thrown, and the file that was to be replaced stays.
void put_in_place(AtomicFile& file, const InterruptWatch& watch);

/// Writes `contents` to a temporary file in the same folder, then gives it the name `path`,
/// replacing what was there. Throws UserError if that is not possible; then `path` is as it was
/// before, and no temporary file is left.
void write_file(const std::filesystem::path& path, std::span<const std::byte> contents);
void write_file(const std::filesystem::path& path, std::string_view contents);

}  // namespace headroom::tools
