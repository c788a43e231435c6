// The header of a .npy file: a Python dictionary of three keys.
#pragma once

#include <string>
#include <string_view>

#include "tools/dims.hpp"

namespace headroom::tools {

struct NpyHeader {
    std::string descr;  ///< The type, as NumPy writes it: "<f4".
    bool fortran_order = false;
    Dims dims;
};

/// Reads "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }": the keys in any order, each
/// once and no other, quotes of either kind, white space where Python permits it. Throws
/// UserError, starting with `name`, for anything else, for records, and for a shape of more than 64
/// dimensions or with a number of 2^62 or more.
NpyHeader parse_npy_header(std::string_view text, const std::string& name);

}  // namespace headroom::tools
