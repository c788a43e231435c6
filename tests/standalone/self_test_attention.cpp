// What firmware that attends does at boot: checks the kernels that it uses, in the scratch that it
// has anyway. Where the library has one port, nothing else may be linked: self_test_links.sh looks.
#include <cstddef>
#include <cstdio>

#include <headroom/self_test.hpp>

using Used = headroom::Configuration<headroom::AttendTensors>;
alignas(64) static std::byte scratch[headroom::self_test_bytes<Used>];

int main() {
    const headroom::Result result = headroom::self_test<Used>(scratch);
    const auto part = static_cast<headroom::SelfTestPart>(result.argument);
    std::printf("self-test on %s: %s%s%s\n", headroom::best_port().name,
                headroom::describe(result.status), result.ok() ? "" : ": ",
                result.ok() ? "" : headroom::describe(part));
    return result.ok() ? 0 : 1;
}
