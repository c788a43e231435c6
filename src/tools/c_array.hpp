// Writing bytes as a C header.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "tools/interrupt.hpp"

namespace headroom::tools {

/// Whether a name can be a variable's in C and in C++.
bool is_identifier(const std::string& name);

/// The name in capital letters, for macros and constants.
std::string upper(std::string name);

/// A header that defines `static const unsigned char name[N]` at a multiple of 64, for C99 and
/// later and for C++11 and later. `comment` is text for people, one element a line. It takes a
/// while for many bytes, so it throws Interrupted soon after a signal.
std::string c_array(const std::string& name, std::span<const std::byte> bytes,
                    const std::vector<std::string>& comment, const InterruptWatch& watch);

}  // namespace headroom::tools
