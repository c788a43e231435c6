// A plugin of QEMU that counts, for each function of an AArch64 program, the instructions that were
// executed and how many of them were FMLA of four lanes. A line of the file for each function:
// instructions, FMLA, name.
//
//   QEMU_PLUGIN=./libcount_functions.so,out=FILE qemu-aarch64 program
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
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t,
                                           void (*)(qemu_plugin_id_t, qemu_plugin_tb*));
void qemu_plugin_register_vcpu_insn_exec_inline(qemu_plugin_insn*, qemu_plugin_op, void*,
                                                std::uint64_t);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void*), void*);
std::size_t qemu_plugin_tb_n_insns(const qemu_plugin_tb*);
qemu_plugin_insn* qemu_plugin_tb_get_insn(const qemu_plugin_tb*, std::size_t);
const void* qemu_plugin_insn_data(const qemu_plugin_insn*);
const char* qemu_plugin_insn_symbol(const qemu_plugin_insn*);

[[gnu::visibility("default")]] extern const int qemu_plugin_version;
const int qemu_plugin_version = 1;
}

namespace {

struct Function {
    char name[512];
    std::uint64_t instructions;
    std::uint64_t multiply_adds;
};

// Translated code points at the counters, so they stay where they are.
Function functions[4096];
std::size_t function_count = 0;
std::FILE* out = nullptr;

// The counters of a function; the last ones, if there are more functions than expected.
Function& function_named(const char* name) {
    std::size_t i = 0;
    while (i < function_count && std::strncmp(functions[i].name, name, sizeof Function::name) != 0)
        ++i;
    if (i == sizeof functions / sizeof functions[0]) return functions[i - 1];
    if (i == function_count)
        std::snprintf(functions[function_count++].name, sizeof Function::name, "%s", name);
    return functions[i];
}

// FMLA of four floats: by a vector, or by one lane of it.
bool is_multiply_add(std::uint32_t code) {
    return (code & 0xffe0fc00U) == 0x4e20cc00U || (code & 0xffc0f400U) == 0x4f801000U;
}

void translated(qemu_plugin_id_t, qemu_plugin_tb* block) {
    const std::size_t size = qemu_plugin_tb_n_insns(block);
    for (std::size_t i = 0; i < size; ++i) {
        qemu_plugin_insn* const instruction = qemu_plugin_tb_get_insn(block, i);
        const char* const symbol = qemu_plugin_insn_symbol(instruction);
        Function& function = function_named(symbol != nullptr ? symbol : "?");
        qemu_plugin_register_vcpu_insn_exec_inline(instruction, QEMU_PLUGIN_INLINE_ADD_U64,
                                                   &function.instructions, 1);
        std::uint32_t code = 0;
        std::memcpy(&code, qemu_plugin_insn_data(instruction), sizeof code);
        if (is_multiply_add(code)) {
            qemu_plugin_register_vcpu_insn_exec_inline(instruction, QEMU_PLUGIN_INLINE_ADD_U64,
                                                       &function.multiply_adds, 1);
        }
    }
}

void finished(qemu_plugin_id_t, void*) {
    for (std::size_t i = 0; i < function_count; ++i)
        std::fprintf(out, "%" PRIu64 " %" PRIu64 " %s\n", functions[i].instructions,
                     functions[i].multiply_adds, functions[i].name);
    std::fclose(out);
}

}  // namespace

extern "C" [[gnu::visibility("default")]] int qemu_plugin_install(qemu_plugin_id_t id, const void*,
                                                                  int arguments, char** argument) {
    if (arguments == 1 && std::strncmp(argument[0], "out=", 4) == 0)
        out = std::fopen(argument[0] + 4, "w");
    if (out == nullptr) {
        std::fputs("count_functions: give out=FILE, a file that can be written\n", stderr);
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, finished, nullptr);
    return 0;
}
