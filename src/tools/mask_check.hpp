// Whether a mask can be what its user meant: above all, whether it is inverted.
#pragma once

#include <string>

#include "tools/attend_problem.hpp"
#include "tools/remarks.hpp"

namespace headroom::tools {

/// What is known of the mask of a problem.
struct MaskUse {
    std::string name;           ///< Of its file.
    bool self = false;          ///< Query i and the key at its position are one token.
    bool other_keys = false;    ///< There are keys that no mask hides, so no output is 0.
    bool may_hide_all = false;  ///< The user knows that it leaves queries without a key.
};

/// Looks at what the mask leaves of the keys that a query sees by causality, window, sinks and
/// valid keys. Of the problem only `how`, `bias`, `mask` and the sizes of query and key are read.
/// Throws UserError if every query that would see a key sees none because of the mask, unless
/// it may.
Remarks check_mask(const AttendProblem& problem, const MaskUse& use);

}  // namespace headroom::tools
