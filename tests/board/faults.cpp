// Does what its argument says; each must end the program with a message and a code that is not 0.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace {

[[gnu::noinline]] int endless(int depth) {
    volatile char frame[512];
    frame[0] = static_cast<char>(depth);
    return depth < 0 ? 0 : endless(depth + 1) + frame[0];
}

const int constant = 1;
volatile int zero = 0;
volatile std::uintptr_t nowhere = 0;

void do_it(const char* what) {
    const auto is = [&](const char* name) { return std::strcmp(what, name) == 0; };
    if (is("jump")) reinterpret_cast<void (*)()>(std::uintptr_t{nowhere})();
    if (is("null")) *reinterpret_cast<volatile int*>(std::uintptr_t{nowhere}) = 1;
    if (is("constant")) *const_cast<volatile int*>(&constant) = 2;
    if (is("unmapped")) *reinterpret_cast<volatile int*>(0x50000000 + nowhere) = 1;
    if (is("stack")) zero = endless(0);
    if (is("division")) zero = 7 / zero;
    if (is("undefined")) __builtin_trap();
    if (is("abort")) std::abort();
    if (is("throw")) throw std::runtime_error("nobody catches this");
    if (is("exit")) std::exit(9);
    while (is("forever")) zero = 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 2) do_it(argv[1]);
    std::puts("went on");
}
