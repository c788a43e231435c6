// In place of tool_attention.cpp where a program can start no other.
#include "conformance/operators.hpp"
#include "conformance/tool_attention.hpp"

namespace headroom::conformance {

Outcome run_tool_attention(const std::filesystem::path& /*tool*/, const TestCase& /*test*/,
                           const Port& /*port*/) {
    throw Skip("no other program can be started here");
}

}  // namespace headroom::conformance
