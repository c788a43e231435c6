// Drawing where the date model looked.
#pragma once

#include <string>

#include "demo/date_model.hpp"

namespace headroom::tools {

/// Text as it may be printed: anything but printable ASCII becomes a question mark, so that each
/// byte takes one column.
std::string printable(const std::string& text);

/// A heat map: a column for each byte of `text`, a row for each character of the answer. At most 70
/// columns wide; shaded with block characters, or with ASCII if `ascii`.
std::string draw_map(const std::string& text, const demo::Answer& answer, const demo::Looks& looks,
                     bool ascii);

/// The same in words: from which word of the text each part of the date was read.
std::string tell_map(const std::string& text, const demo::Answer& answer, const demo::Looks& looks);

}  // namespace headroom::tools
