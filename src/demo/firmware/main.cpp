// The date model as firmware: weights in flash, all memory static. The same program runs on a host.
#include "board/board.hpp"
#include "demo/examples.hpp"

namespace headroom::demo {
namespace {

constinit Arenas arenas{};
constinit DateModel model{};

void print_line(const char* line) {
    board::print(line);
    board::print("\n");
}

// Of its own, so that the stack's mark begins here.
[[gnu::noinline]] const char* show() noexcept {
    const Result opened = model.open(best_port(), date_weights, arenas);
    if (!opened.ok()) return headroom::describe(opened.status);
    const DateStatus status = show_examples(model, print_line);
    return status == DateStatus::ok ? nullptr : describe(status);
}

int run() {
    board::print("A transformer rewrites dates, on ");
    board::print(board::name);
    board::print(", ");
    board::print(best_port().name);
    board::print(":\n\n");
    const std::size_t before = board::repaint_stack();
    if (const char* const error = show()) {
        print_line(error);
        return 1;
    }
    if (board::stack_size() != 0) {
        board::print("  stack     ");
        board::print(static_cast<std::uint32_t>(board::stack_used() - before));
        board::print(" bytes, its high-water mark\n");
    }
    return 0;
}

}  // namespace
}  // namespace headroom::demo

int main() { return headroom::demo::run(); }
