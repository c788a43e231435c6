// What a call returns.
#pragma once

#include <cstdint>

namespace headroom {

/// Why a call was refused. A refused call has changed nothing: no output element, no cache byte.
enum class Status : std::uint8_t {
    ok,                ///< Done.
    bad_shape,         ///< A size or stride is out of range, or two arguments disagree about one.
    bad_value,         ///< A number is not finite or not in the range its declaration states.
    too_small,         ///< A span is shorter than its shape or its size function says.
    misaligned,        ///< State, scratch or weights do not start at a multiple of 64 bytes.
    overlap,           ///< Two arguments share memory that must not be shared.
    cache_full,        ///< The cache cannot hold the tokens of this call.
    bad_state,         ///< Not a header of this shape's cache, or a wrong floating-point mode.
    bad_weights,       ///< The packed weights are not this layer's: magic, version, shape or size.
    bad_checksum,      ///< The packed weights have changed, or a self-test's bits are wrong.
    unsupported_port,  ///< This processor lacks the instructions of the port.
    not_open,          ///< The object has not been opened, or opening it failed.
};

/// One line of English for a status; never null, static storage.
const char* describe(Status status) noexcept;

/// The status of a call and the number of the argument that it is about, counted from 1 in the
/// order of the declaration; 0 if the status is ok or about no single argument.
struct [[nodiscard]] Result {
    Status status = Status::ok;
    std::uint8_t argument = 0;

    constexpr bool ok() const noexcept { return status == Status::ok; }
};

}  // namespace headroom
