#include "board/board.hpp"
#include "semihosting.hpp"

namespace headroom::board {

void print(const char* text) noexcept { semihosting::call(semihosting::write0, text); }

void print(std::uint32_t number) noexcept {
    char text[11];
    char* at = text + sizeof text;
    *--at = '\0';
    do {
        *--at = static_cast<char>('0' + number % 10);
        number /= 10;
    } while (number != 0);
    print(at);
}

void print_hex(std::uint32_t number) noexcept {
    char text[11] = "0x";
    for (int i = 0; i < 8; ++i) text[2 + i] = "0123456789abcdef"[(number >> (28 - 4 * i)) & 15];
    text[10] = '\0';
    print(text);
}

void stop(int code) noexcept {
    const std::uint32_t block[] = {semihosting::application_exit, static_cast<std::uint32_t>(code)};
    for (;;) semihosting::call(semihosting::exit_extended, block);
}

}  // namespace headroom::board
