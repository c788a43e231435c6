// What the demonstration shows first: six dates and what the model makes of them. On every machine,
// with an operating system or without, the text is the same, byte for byte.
#pragma once

#include <cstdint>
#include <span>

#include "demo/date_model.hpp"

namespace headroom::demo {

/// Plain; with a weekday; American; in words; misspelt; with stray spaces.
inline constexpr const char* examples[] = {"the 3rd of May 1979", "Sat 7 Feb 26",
                                           "March 9, 2001",       "ninth mar. '87",
                                           "11th Setpember 2024", "  22   june , 1941 "};

/// FNV-1a over the bits of floats, 32 bits at a time. `hash` is that of what came before.
inline constexpr std::uint64_t hash_of_nothing = 0xcbf29ce484222325u;
std::uint64_t hash_bits(std::span<const float> values,
                        std::uint64_t hash = hash_of_nothing) noexcept;

/// Takes one line, zero-terminated, without an end of line.
using PrintLine = void (*)(const char* line);

/// Prints each example with its answer, a hash of the bits of all their logits, and the bytes of
/// memory and weights. Returns what stopped it; ok when all is printed.
DateStatus show_examples(DateModel& model, PrintLine print) noexcept;

}  // namespace headroom::demo
