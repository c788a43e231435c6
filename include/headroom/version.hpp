// The versions that a program may want to print or check.
#pragma once

namespace headroom {

/// The library's version, semantic versioning.
inline constexpr int version_major = 0;
inline constexpr int version_minor = 1;
inline constexpr int version_patch = 0;

/// The version of the bits: equal numbers promise equal output bits for equal inputs, on every
/// port. It changes only together with a formula of src/DESIGN.md.
inline constexpr int numerics_version = 1;

/// The version of the packed weights' layout; a blob of another version is refused.
inline constexpr int weights_format = 1;

}  // namespace headroom
