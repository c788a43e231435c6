// A plugin of QEMU that counts the instructions between two marks: from the entry of the function
// mark_begin to that of mark_end. Each pair appends a line to a file: all instructions, and for
// each `in` those of the functions whose name, as the linker knows it, contains it, and how many of
// these are fused multiply-adds of four floats (AArch64). A function belongs to the first `in` that
// is in its name.
//
//   qemu-system-arm ... -plugin ./libcount_plugin.so,out=FILE
//   QEMU_PLUGIN=./libcount_plugin.so,out=FILE,in=score_,in=value_ qemu-aarch64 program
//
// Every instruction counts as one, also in a loop of the processor's own and when its condition is
// false; a block's are counted as it is entered. On a Cortex-M those that move several registers of
// the FPU (VLDM, VSTM, VPUSH, VPOP) count as one for each register, single or double, as VLDR
// would, so that a kernel gains nothing by gathering its loads; LDM, STM and Helium's loads count
// as one.
#include <cinttypes>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>

// Debian has no package of qemu-plugin.h. These declarations follow QEMU's documentation of version
// 1 of its plugin interface.
extern "C" {
struct qemu_plugin_tb;
struct qemu_plugin_insn;
using qemu_plugin_id_t = std::uint64_t;
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t,
                                           void (*)(qemu_plugin_id_t, qemu_plugin_tb*));
void qemu_plugin_register_vcpu_tb_exec_inline(qemu_plugin_tb*, qemu_plugin_op, void*,
                                              std::uint64_t);
void qemu_plugin_register_vcpu_tb_exec_cb(qemu_plugin_tb*, void (*)(unsigned, void*),
                                          qemu_plugin_cb_flags, void*);
std::size_t qemu_plugin_tb_n_insns(const qemu_plugin_tb*);
qemu_plugin_insn* qemu_plugin_tb_get_insn(const qemu_plugin_tb*, std::size_t);
const void* qemu_plugin_insn_data(const qemu_plugin_insn*);
std::size_t qemu_plugin_insn_size(const qemu_plugin_insn*);
const char* qemu_plugin_insn_symbol(const qemu_plugin_insn*);

struct qemu_info_t {
    const char* target_name;
    struct {
        int min, cur;
    } version;
    bool system_emulation;
    // More follows, which is not asked for.
};

[[gnu::visibility("default")]] extern const int qemu_plugin_version;
const int qemu_plugin_version = 1;
}

namespace {

struct Functions {
    const char* in;  // their names
    std::uint64_t instructions, fused;
};
struct Counters {  // since the program's start
    std::uint64_t all;
    Functions functions[8];
};

bool thumb = false, aarch64 = false;
Counters counted = {}, at_begin = {};
int functions = 0;
std::FILE* out = nullptr;

// What one instruction counts. The halfwords of a 32-bit Thumb instruction of the FPU's that moves
// several registers:
//
//   1110 110 P U D W L  base      first 101 double  number of words: two for a double
std::uint64_t weight_of(const qemu_plugin_insn* instruction) {
    if (!thumb || qemu_plugin_insn_size(instruction) != 4) return 1;
    std::uint16_t half[2];
    std::memcpy(half, qemu_plugin_insn_data(instruction), sizeof half);
    const bool extension_register = (half[0] & 0xfe00) == 0xec00 && (half[1] & 0x0e00) == 0x0a00;
    const bool p = (half[0] & 0x0100) != 0, u = (half[0] & 0x0080) != 0,
               w = (half[0] & 0x0020) != 0;
    // P, U, W: ascending 010 and 011, descending 101; 1x0 moves one register, 000 is another thing.
    const bool several = p ? !u && w : u;
    const unsigned words = half[1] & 0xff;
    if (!extension_register || !several) return 1;
    return (half[1] & 0x0100) != 0 ? words / 2 : words;
}

// FMLA of four floats, with a vector or with an element of one; Q = 1 and sz = 0 say four floats:
//
//   0 Q 001110 0 sz 1 Rm 110011 Rn Rd      0 Q 001111 1 sz L M Rm 0001 H 0 Rn Rd
bool is_fused(const qemu_plugin_insn* instruction) {
    if (!aarch64) return false;
    std::uint32_t word;
    std::memcpy(&word, qemu_plugin_insn_data(instruction), sizeof word);
    return (word & 0xffe0fc00) == 0x4e20cc00 || (word & 0xffc0f400) == 0x4f801000;
}

void begin(unsigned, void*) { at_begin = counted; }

void end(unsigned, void*) {
    std::fprintf(out, "%" PRIu64, counted.all - at_begin.all);
    for (int i = 0; i < functions; ++i) {
        const Functions &now = counted.functions[i], &before = at_begin.functions[i];
        std::fprintf(out, " %" PRIu64 " %" PRIu64, now.instructions - before.instructions,
                     now.fused - before.fused);
    }
    std::fputc('\n', out);
    std::fflush(out);
}

Functions* functions_of(const char* symbol) {
    for (int i = 0; symbol != nullptr && i < functions; ++i)
        if (std::strstr(symbol, counted.functions[i].in) != nullptr) return &counted.functions[i];
    return nullptr;
}

// Lets each execution of the block add to the counters.
void count(qemu_plugin_tb* block, const char* symbol) {
    std::uint64_t weights = 0, fused = 0;
    const std::size_t size = qemu_plugin_tb_n_insns(block);
    for (std::size_t i = 0; i < size; ++i) {
        const qemu_plugin_insn* const instruction = qemu_plugin_tb_get_insn(block, i);
        weights += weight_of(instruction);
        fused += is_fused(instruction) ? 1 : 0;
    }
    const auto add = [block](std::uint64_t& counter, std::uint64_t number) {
        qemu_plugin_register_vcpu_tb_exec_inline(block, QEMU_PLUGIN_INLINE_ADD_U64, &counter,
                                                 number);
    };
    add(counted.all, weights);
    if (Functions* const of = functions_of(symbol); of != nullptr) {
        add(of->instructions, weights);
        add(of->fused, fused);
    }
}

void translated(qemu_plugin_id_t, qemu_plugin_tb* block) {
    // A call enters a new block, so the marks are at the beginning of theirs.
    const char* const symbol = qemu_plugin_insn_symbol(qemu_plugin_tb_get_insn(block, 0));
    const auto is = [&](const char* name) {
        return symbol != nullptr && std::strcmp(symbol, name) == 0;
    };
    if (is("mark_begin"))
        qemu_plugin_register_vcpu_tb_exec_cb(block, begin, QEMU_PLUGIN_CB_NO_REGS, nullptr);
    else if (is("mark_end"))
        qemu_plugin_register_vcpu_tb_exec_cb(block, end, QEMU_PLUGIN_CB_NO_REGS, nullptr);
    else
        count(block, symbol);
}

bool read_argument(const char* text) {
    if (std::strncmp(text, "out=", 4) == 0) {
        out = std::fopen(text + 4, "w");
        return out != nullptr;
    }
    constexpr int most = sizeof counted.functions / sizeof *counted.functions;
    if (std::strncmp(text, "in=", 3) != 0 || functions == most) return false;
    counted.functions[functions++].in = strdup(text + 3);  // QEMU frees its arguments
    return true;
}

}  // namespace

extern "C" [[gnu::visibility("default")]] int qemu_plugin_install(qemu_plugin_id_t id,
                                                                  const qemu_info_t* info,
                                                                  int arguments, char** argument) {
    thumb = std::strcmp(info->target_name, "arm") == 0;
    aarch64 = std::strcmp(info->target_name, "aarch64") == 0;
    bool understood = true;
    for (int i = 0; i < arguments; ++i) understood = read_argument(argument[i]) && understood;
    if (!understood || out == nullptr) {
        std::fputs("count_plugin: out=FILE, which can be written, and in=FUNCTION\n", stderr);
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
