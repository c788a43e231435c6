// What a user can put right: a wrong option, file or environment variable.
#pragma once

#include <stdexcept>

namespace headroom::tools {

/// Printed as one line on stderr; the tool then ends with exit code 2.
class UserError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace headroom::tools
