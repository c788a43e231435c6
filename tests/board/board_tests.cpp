// What a program finds when its main() begins on a board, and what board.hpp gives it.
#include "board/board.hpp"

#include <doctest.h>

#include <cfenv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>

#include "support/bits.hpp"

namespace headroom::test {
namespace {

volatile int initialised = 41;
volatile int zeroed[1000];

// An object whose constructor is not constant.
struct Constructed {
    Constructed() : value(initialised + 1) {}
    int value;
};
const Constructed constructed;

volatile float smallest_normal = std::numeric_limits<float>::min();
volatile float one = 1.0f, half_an_ulp = 0x1p-24f, more_than_half = 0x1.8p-24f;

// Uses `bytes` of the stack, one page above the other.
[[gnu::noinline]] int use_stack(int bytes) {
    volatile char page[256];
    page[0] = static_cast<char>(bytes);
    return bytes <= 256 ? page[0] : use_stack(bytes - 256) + page[0];
}

}  // namespace

TEST_CASE("board: memory is filled and constructors have run before main()") {
    CHECK(initialised == 41);
    for (const volatile int& word : zeroed) REQUIRE(word == 0);
    CHECK(constructed.value == 42);
}

TEST_CASE("board: arithmetic is IEEE") {
    const float subnormal = smallest_normal * 0.25f;
    CHECK(bits_of(subnormal) == 0x00200000);
    CHECK(subnormal * 4.0f == smallest_normal);
    CHECK(one + half_an_ulp == 1.0f);  // ties to even
    CHECK(one + more_than_half == 1.0f + 0x1p-23f);
    // A NaN keeps its payload.
    volatile std::uint32_t payload = 0x7fc12345;
    CHECK(std::bit_cast<std::uint32_t>(std::bit_cast<float>(std::uint32_t{payload}) + one) ==
          payload);
}

TEST_CASE("board: the stack's high-water mark") {
    CHECK(board::stack_used() < board::stack_size() / 2);  // painted before main()
    const std::size_t now = board::repaint_stack();
    CHECK(board::stack_used() >= now);
    CHECK(board::stack_used() < now + 512);
    use_stack(16 * 1024);
    CHECK(board::stack_used() >= now + 16 * 1024);
    CHECK(board::stack_used() < now + 24 * 1024);
    CHECK(board::stack_used() < board::stack_size());
    board::repaint_stack();
    CHECK(board::stack_used() < now + 512);
}

TEST_CASE("board: the timer counts, and with the emulator's option it counts instructions") {
    const auto time_of = [](int loops) {
        const std::uint32_t begin = board::ticks();
        for (volatile int i = 0; i < loops;) i = i + 1;
        return board::instructions(board::ticks() - begin);
    };
    const std::uint32_t once = time_of(10000);
    CHECK(once > 0);
    // Registered twice: as it comes, and so.
    if (std::getenv("HEADROOM_COUNTED") == nullptr) return;
    CHECK(once >= 5 * 10000);  // load, add, store, compare, branch
    CHECK(once < 8 * 10000);
    CHECK(time_of(10000) - once + 1 <= 2);
    CHECK(time_of(20000) - 2 * once + 20 <= 40);
}

TEST_CASE("board: the heap holds megabytes, and says when it is full") {
    const auto block = std::make_unique<char[]>(8 << 20);
    std::memset(block.get(), 1, 8 << 20);
    // The compiler may not know what comes back.
    void* volatile too_much = std::malloc(std::size_t{1} << 30);
    CHECK(too_much == nullptr);
}

TEST_CASE("board: exceptions and files work") {
    CHECK_THROWS_AS(throw std::runtime_error("caught"), std::runtime_error);
    CHECK(std::fopen("/no/such/file", "rb") == nullptr);
}

TEST_CASE("board: the environment comes with the command line") {
    const char* const text = std::getenv("HEADROOM_BOARD_TEST");
    REQUIRE(text != nullptr);
    CHECK(std::string(text) == "two words, and a comma=sign");
    CHECK(std::getenv("HEADROOM_NOT_SET") == nullptr);
}

}  // namespace headroom::test
