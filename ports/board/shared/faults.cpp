// What a fault prints before it ends the program.
#include "faults.hpp"

#include "board/board.hpp"
#include "linker_symbols.hpp"
#include "processor.hpp"

namespace {

// A stack of its own: the fault may be that the other one is full.
[[gnu::used]] alignas(8) std::uint32_t fault_stack[256];

// What the processor pushed.
struct Frame {
    std::uint32_t r0, r1, r2, r3, r12, lr, pc, xpsr;
};

struct Cause {
    std::uint32_t bit;  // of CFSR
    const char* text;
};
constexpr Cause causes[] = {
    {1u << 0, "instruction fetch from memory that holds no code"},
    {1u << 1, "forbidden access to data"},
    {1u << 4, "no room on the stack for an exception"},
    {1u << 8, "instruction fetch from no memory"},
    {1u << 9, "access to no memory"},
    {1u << 10, "access to no memory, earlier"},
    {1u << 12, "no room on the stack for an exception"},
    {1u << 16, "undefined instruction"},
    {1u << 17, "a jump to an address that is no Thumb code"},
    {1u << 18, "an invalid return from an exception"},
    {1u << 19, "an instruction of a coprocessor that is missing or off"},
    {1u << 20, "stack overflow"},
    {1u << 24, "unaligned access"},
    {1u << 25, "division by zero"},
};
constexpr std::uint32_t stacking_failed = 1u << 4 | 1u << 12 | 1u << 20;
constexpr std::uint32_t mmfar_valid = 1u << 7, bfar_valid = 1u << 15;

constexpr const char* exceptions[] = {"",          "",         "NMI",        "HardFault",
                                      "MemManage", "BusFault", "UsageFault", "SecureFault"};

const char* name_of(std::uint32_t exception) noexcept {
    return exception < sizeof exceptions / sizeof *exceptions ? exceptions[exception]
                                                              : "unexpected exception";
}

void print_value(const char* label, std::uint32_t value) noexcept {
    headroom::board::print(label);
    headroom::board::print_hex(value);
}

}  // namespace

extern "C" [[noreturn, gnu::used]] void board_report_fault(const Frame* frame) {
    using namespace headroom::board;
    std::uint32_t exception;
    __asm__ volatile("mrs %0, ipsr" : "=r"(exception));
    const std::uint32_t status = processor_register(cfsr);
    const auto pointer = reinterpret_cast<std::uintptr_t>(frame);
    const bool overflow = (status & stacking_failed) != 0 ||
                          pointer < reinterpret_cast<std::uintptr_t>(board_stack_bottom);

    print("\nFAULT: ");
    print(name_of(exception));
    print(" (");
    print(exception);
    print(")");
    for (const Cause& cause : causes)
        if ((status & cause.bit) != 0) {
            print(": ");
            print(cause.text);
        }
    if (overflow) print("; the stack has overflowed");
    if ((status & mmfar_valid) != 0) print_value("\n  address ", processor_register(mmfar));
    if ((status & bfar_valid) != 0) print_value("\n  address ", processor_register(bfar));
    print_value("\n  CFSR ", status);
    print_value("  HFSR ", processor_register(hfsr));
    print_value("  sp ", pointer);
    if (!overflow) {
        print_value("\n  pc ", frame->pc);
        print_value("  lr ", frame->lr);
        print_value("  xPSR ", frame->xpsr);
    }
    print("\n");
    stop(fault_exit_code);
}

[[gnu::naked]] void board_fault() {
    __asm__ volatile(
        "mov r0, sp\n"
        "ldr r1, =%c0\n"
        "mov sp, r1\n"
        "b board_report_fault\n"
        :
        : "i"(fault_stack + sizeof fault_stack / sizeof *fault_stack));
}
