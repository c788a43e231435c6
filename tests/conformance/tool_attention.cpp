#include "conformance/tool_attention.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>

#include "support/folder.hpp"

namespace headroom::conformance {
namespace {

namespace fs = std::filesystem;

// A case's name of a tensor, and the tool's option.
using Name = std::pair<const char*, const char*>;
constexpr std::array<Name, 7> inputs{{{"Q", "--q"},
                                      {"K", "--k"},
                                      {"V", "--v"},
                                      {"attn_mask", "--mask"},
                                      {"past_key", "--past-key"},
                                      {"past_value", "--past-value"},
                                      {"nonpad_kv_seqlen", "--valid-keys"}}};
constexpr std::array<Name, 4> outputs{{{"Y", "--out"},
                                       {"present_key", "--present-key"},
                                       {"present_value", "--present-value"},
                                       {"qk_matmul_output", "--weights-out"}}};
constexpr std::array<Name, 4> whole_numbers{{{"q_num_heads", "--heads"},
                                             {"kv_num_heads", "--kv-heads"},
                                             {"left_window_size", "--window-left"},
                                             {"right_window_size", "--window-right"}}};
constexpr std::array<Name, 2> real_numbers{{{"scale", "--scale"}, {"softcap", "--softcap"}}};
constexpr std::array<const char*, 4> stages{"raw", "softcap", "bias", "softmax"};

std::string in_shell_quotes(const std::string& word) {
    std::string quoted = "'";
    for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

// A command for the shell, word by word.
class Command {
public:
    explicit Command(const fs::path& program) : text_(in_shell_quotes(program.string())) {}
    void add(const std::string& word) { text_ += ' ' + in_shell_quotes(word); }
    void add(const std::string& option, const std::string& value) { add(option), add(value); }

    /// Throws Failure with what the program printed to stderr if it fails.
    void run(const fs::path& errors) const {
        const std::string whole =
            text_ + " >/dev/null 2>" + in_shell_quotes(errors.string()) + " </dev/null";
        if (std::system(whole.c_str()) == 0) return;
        std::ifstream file(errors);
        throw Failure("the tool fails: " + std::string(std::istreambuf_iterator<char>(file), {}));
    }

private:
    std::string text_;
};

void add_attributes(const TestCase& test, Command& command) {
    for (const auto& [name, option] : whole_numbers) {
        if (test.has_attribute(name)) command.add(option, std::to_string(test.integer(name, 0)));
    }
    for (const auto& [name, option] : real_numbers) {
        if (!test.has_attribute(name)) continue;
        std::array<char, 32> text{};
        std::snprintf(text.data(), text.size(), "%.17g", test.real(name, 0));
        command.add(option, text.data());
    }
    if (test.flag("is_causal")) command.add("--causal");
    if (test.find_output("qk_matmul_output") == nullptr) return;
    const auto mode = static_cast<std::size_t>(test.integer("qk_matmul_output_mode", 0));
    if (mode >= stages.size()) throw Failure("unknown qk_matmul_output_mode");
    command.add("--weights-stage", stages[mode]);
}

}  // namespace

Outcome run_tool_attention(const fs::path& tool, const TestCase& test, const Port& port) {
    if (test.op() != "ai.onnx.Attention")
        throw Skip("operator " + test.op() + " is not what `headroom attend` computes");
    const test::Folder folder;
    Command command(tool);
    command.add("attend");
    command.add("--port", port.name);
    for (const auto& [name, option] : inputs) {
        if (test.find(name) != nullptr) command.add(option, test.file(name).string());
    }
    add_attributes(test, command);
    // A case is right about its mask.
    if (test.find("attn_mask") != nullptr) command.add("--mask-may-hide-all");
    const auto written = [&](const std::string& name) { return folder.path() / (name + ".npy"); };
    for (const auto& [name, option] : outputs) {
        if (name == std::string("Y") || test.find_output(name) != nullptr)
            command.add(option, written(name).string());
    }
    command.run(folder.path() / "errors");

    Outcome outcome;
    for (const auto& [name, option] : outputs) {
        const Array* const want = test.find_output(name);
        if (want == nullptr) continue;
        const Array got = read_array(written(name));
        if (got.dtype != want->dtype) {
            throw Failure(std::string(name) + " is written as " + name_of(got.dtype) + ", wanted " +
                          name_of(want->dtype));
        }
        outcome.add(test, name, got.dims, got.floats());
    }
    return outcome;
}

}  // namespace headroom::conformance
