// What a command says beside its result, on stderr.
#pragma once

#include <string>
#include <vector>

namespace headroom::tools {

struct Remarks {
    std::vector<std::string> warnings = {};  ///< Something is probably not what the user meant.
    std::vector<std::string> notes = {};     ///< Something is as documented, but easily overlooked.
};

void add(Remarks& to, const Remarks& more);

/// One line each.
void print_warnings(const std::vector<std::string>& lines);
void print(const Remarks& remarks);

/// A warning for each of these files that holds a NaN or an infinity, once for each name.
class FiniteCheck {
public:
    void add(const std::string& name, const std::vector<float>& values);
    const std::vector<std::string>& warnings() const { return warnings_; }

private:
    std::vector<std::string> warnings_;
};

}  // namespace headroom::tools
