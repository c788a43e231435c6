// A signal ends a command before a file is replaced, also when it comes late in the work, with no
// progress left to notice it. No test can hit that moment from outside: here the signal is there
// from the start, and the last look, before a file takes its place, has a test of its own.
#include <doctest.h>

#include <csignal>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "tools/atomic_file.hpp"
#include "tools/c_array.hpp"
#include "tools/commands.hpp"
#include "tools/interrupt.hpp"
#include "tools/npy_writer.hpp"
#include "tools/safetensors_file.hpp"

using headroom::test::Folder;
using headroom::test::TensorFile;
using namespace headroom::tools;

namespace {

class Commands {
public:
    Commands() {
        CHECK_NOTHROW(c_array("a", std::vector<std::byte>(1), {}, watch_));
        TensorFile file;
        file.add("in_proj_weight", {6, 2}).add("out_proj.weight", {2, 2});
        file.write(path("weights"));
        write_npy(path("none.npy"), {0, 2}, std::vector<float>());
        write_npy(path("x.npy"), {1, 2}, std::vector<float>(2));
        write_npy(path("q.npy"), {1, 1, 1, 2}, std::vector<float>(2));
        std::ofstream(path("y")) << "before";
        std::raise(SIGTERM);
    }

    std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

    // Whether a command that writes "y" ends by the signal and leaves everything as it was.
    void check_stopped(std::vector<std::string> words) const {
        CAPTURE(words.front());
        CLI::App app;
        add_layer_command(app);
        add_heads_command(app);
        add_attend_command(app);
        add_pack_command(app);
        words.push_back(path("y"));
        std::vector<std::string> reversed(words.rbegin(), words.rend());  // as CLI11 wants it
        CHECK_THROWS_AS(app.parse(reversed), Interrupted);
        std::ifstream y(path("y"));
        CHECK(std::string(std::istreambuf_iterator<char>(y), {}) == "before");
        const std::filesystem::directory_iterator files(folder_.path());
        CHECK(std::distance(begin(files), end(files)) == 5);
    }

    const InterruptWatch& watch() const { return watch_; }

private:
    Folder folder_;
    InterruptWatch watch_;  // around the commands' own
};

}  // namespace

TEST_CASE("interrupted: no command replaces a file after a signal") {
    const Commands commands;
    const std::string weights = commands.path("weights"), x = commands.path("x.npy");
    const std::string none = commands.path("none.npy"), q = commands.path("q.npy");
    commands.check_stopped({"layer", "--weights", weights, "--heads", "1", "--x", none, "--out"});
    commands.check_stopped({"pack", "--weights", weights, "--heads", "1", "--out"});
    commands.check_stopped({"pack", "--weights", weights, "--heads", "1", "--c"});
    commands.check_stopped({"attend", "--q", q, "--k", q, "--v", q, "--out"});
    commands.check_stopped({"heads", "--weights", weights, "--heads", "1", "--x", x, "--html"});
    CHECK_THROWS_AS(c_array("a", std::vector<std::byte>(1), {}, commands.watch()), Interrupted);

    AtomicFile late(commands.path("y"));
    late.write(std::as_bytes(std::span("after")));
    CHECK_THROWS_AS(put_in_place(late, commands.watch()), Interrupted);
    std::ifstream y(commands.path("y"));
    CHECK(std::string(std::istreambuf_iterator<char>(y), {}) == "before");
}
