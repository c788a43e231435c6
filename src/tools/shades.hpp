// Weights as characters, for maps in a terminal.
#pragma once

#include <string>

namespace headroom::tools {

/// A block character, or an ASCII one, that is darker for a larger weight; "?" for NaN.
const char* shade(float weight, bool ascii);

/// "░ from 5 %   ▒ from 20 %   ..."
std::string shade_legend(bool ascii);

/// Whether the environment asks for a character set without block characters.
bool prefers_ascii();

}  // namespace headroom::tools
