// Choosing a port, and the words for statuses.
#include <doctest.h>

#include <cstdint>
#include <cstring>
#include <set>
#include <string>

#include <headroom/port.hpp>
#include <headroom/status.hpp>
#include <headroom/version.hpp>

namespace headroom::test {
namespace {

TEST_CASE("port: the list is complete, ends with scalar, and every entry is found by its name") {
    REQUIRE_FALSE(ports().empty());
    std::set<std::string> names;
    for (const Port* port : ports()) {
        REQUIRE(port != nullptr);
        REQUIRE(port->name != nullptr);
        REQUIRE(port->needs != nullptr);
        REQUIRE((port->supported != nullptr));
        CHECK((port->kernels != nullptr) == (ports().size() > 1));
        CHECK(std::strlen(port->needs) > 0);
        CHECK(names.insert(port->name).second);
        CHECK(find_port(port->name) == port);
    }
    CHECK(ports().back()->name == std::string("scalar"));
    CHECK(ports().back()->supported());
}

TEST_CASE("port: best_port is the first of the list that runs here") {
    const Port* first = nullptr;
    for (const Port* port : ports())
        if (first == nullptr && port->supported()) first = port;
    CHECK(&best_port() == first);
    CHECK(best_port().supported());
}

TEST_CASE("port: a name is found whole or not at all") {
    CHECK(find_port("") == nullptr);
    CHECK(find_port("scala") == nullptr);
    CHECK(find_port("scalar ") == nullptr);
    CHECK(find_port("Scalar") == nullptr);
    CHECK(find_port("x99_nothing") == nullptr);
    const std::string copy = "scalar";  // another address: names are compared, not pointers
    CHECK(find_port(copy.c_str()) == ports().back());
}

TEST_CASE("status: each has its own line of English") {
    std::set<std::string> lines;
    for (int i = 0; i <= static_cast<int>(Status::not_open); ++i) {
        const char* const line = describe(static_cast<Status>(i));
        REQUIRE(line != nullptr);
        CHECK(std::strlen(line) > 1);
        CHECK(std::string(line).find('\n') == std::string::npos);
        CHECK(lines.insert(line).second);
    }
    for (const int unknown : {static_cast<int>(Status::not_open) + 1, 255})
        CHECK(describe(static_cast<Status>(unknown)) != nullptr);
    CHECK(Result{}.ok());
    CHECK_FALSE(Result{Status::overlap, 2}.ok());
}

TEST_CASE("version: the numbers that a program prints") {
    static_assert(version_major >= 0 && version_minor >= 0 && version_patch >= 0);
    static_assert(numerics_version >= 1 && weights_format >= 1);
    CHECK(version_major + version_minor + version_patch > 0);
}

}  // namespace
}  // namespace headroom::test
