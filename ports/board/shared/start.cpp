// From reset to main(): registers that main() relies on, memory, constructors, arguments.
#include <cstdlib>

#include "arguments.hpp"
#include "faults.hpp"
#include "guard.hpp"
#include "linker_symbols.hpp"
#include "processor.hpp"
#include "stack.hpp"
#include "timer.hpp"

int main(int argc, char** argv);
extern "C" void initialise_monitor_handles();  // librdimon opens stdin, stdout and stderr
extern "C" [[noreturn]] void board_reset();

namespace headroom::board {
namespace {

// Every operation is IEEE: subnormals kept, NaN not replaced, rounding to nearest. So in each new
// floating-point context (FPDSCR), and in this one.
void set_floating_point_modes() noexcept {
#ifdef __ARM_FP
    processor_register(fpdscr) = processor_register(fpdscr) & ~fpscr_modes;
    std::uint32_t modes;
    __asm__ volatile("vmrs %0, fpscr" : "=r"(modes));
    __asm__ volatile("vmsr fpscr, %0" : : "r"(modes & ~fpscr_modes));
#endif
}

void fill_memory() noexcept {
    const std::uint32_t* from = board_data_image;
    for (std::uint32_t* to = board_data_begin; to != board_data_end;) *to++ = *from++;
    for (std::uint32_t* to = board_bss_begin; to != board_bss_end;) *to++ = 0;
}

// Apart from board_reset(), whose own frame must not need the FPU, and below which is painted.
[[noreturn, gnu::noinline]] void start() {
    set_floating_point_modes();
    guard_memory();
    fill_memory();
    start_timer();
    initialise_monitor_handles();
    for (const BoardInitialiser* run = board_init_begin; run != board_init_end; ++run) (*run)();
    const Arguments arguments = read_arguments();
    std::exit(main(arguments.count, arguments.words));
}

}  // namespace
}  // namespace headroom::board

void board_reset() {
    using namespace headroom::board;
#ifdef __ARM_FP
    processor_register(cpacr) = processor_register(cpacr) | cpacr_cp10_cp11;
#endif
    processor_register(ccr) = processor_register(ccr) | ccr_div_0_trp;
    processor_register(shcsr) = processor_register(shcsr) | shcsr_mem_bus_usage;
    __asm__ volatile("dsb\n isb" : : : "memory");

    constexpr int words_for_painter = 16;
    paint_stack_below(static_cast<std::uint32_t*>(__builtin_frame_address(0)) - words_for_painter);
    start();
}

// What the processor reads at reset: the stack pointer, where to start, and where each exception
// goes. The board's interrupts follow the sixteenth; none is ever enabled.
using Handler = void (*)();
struct Vectors {
    std::uint32_t* stack;
    Handler handlers[15];
};
extern const Vectors board_vectors;
[[gnu::section(".vectors"), gnu::used]] constinit const Vectors board_vectors = {
    board_stack_top,
    {board_reset, board_fault, board_fault, board_fault, board_fault, board_fault, board_fault,
     board_fault, board_fault, board_fault, board_fault, board_fault, board_fault, board_fault,
     board_fault}};
