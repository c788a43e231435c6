#include "arguments.hpp"

#include <cstring>

#include "board/board.hpp"
#include "semihosting.hpp"

extern "C" char** environ;

namespace headroom::board {
namespace {

constexpr int max_words = 256;
char line[16384];
char* words[max_words + 2];  // the last two: the ends of both lists

// Cuts the line in place.
int cut_into_words() noexcept {
    int count = 0;
    char* to = line;
    for (const char* from = line; *from != '\0';) {
        if (*from == ' ') {
            ++from;
            continue;
        }
        if (count == max_words) {
            print("too many words in the command line\n");
            stop(2);
        }
        words[count++] = to;
        for (bool quoted = false; *from != '\0' && (quoted || *from != ' '); ++from) {
            if (*from == '"')
                quoted = !quoted;
            else
                *to++ = *from;
        }
        if (*from != '\0') ++from;  // before its place is overwritten
        *to++ = '\0';
    }
    return count;
}

}  // namespace

Arguments read_arguments() noexcept {
    struct {
        char* text;
        std::size_t bytes;
    } block = {line, sizeof line};
    if (semihosting::call(semihosting::get_cmdline, &block) != 0) {
        print("the command line is longer than the board's buffer\n");
        stop(2);
    }
    const int count = cut_into_words();
    int settings = 0;
    while (settings < count && std::strchr(words[settings], '=') != nullptr) ++settings;
    // Makes room for the end of the environment, before the program's name.
    std::memmove(words + settings + 1, words + settings,
                 static_cast<std::size_t>(count - settings) * sizeof *words);
    words[settings] = nullptr;
    words[count + 1] = nullptr;
    environ = words;
    return {count - settings, words + settings + 1};
}

}  // namespace headroom::board
