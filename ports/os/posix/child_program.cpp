#include "tools/child_program.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "tools/user_error.hpp"

// POSIX leaves this declaration to the program; some systems have it all the same.
extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace headroom::tools {
namespace {

class Child {
public:
    explicit Child(const std::vector<std::string>& command) {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) refuse(command.front(), errno);
        lines_ = ends[0];
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        std::vector<char*> words;
        words.reserve(command.size() + 1);
        // The system's function takes no pointer to const, though it changes nothing.
        for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
        words.push_back(nullptr);
        const int error = posix_spawn(&id_, words[0], &actions, nullptr, words.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        ::close(ends[1]);
        if (error == 0) return;
        ::close(lines_);
        refuse(command.front(), error);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (id_ > 0) {
            ::kill(id_, SIGKILL);
            wait();
        }
        ::close(lines_);
    }

    // Adds what has come to `text`; false at its end.
    bool read(std::string& text) const {
        char buffer[4096];
        const ssize_t count = ::read(lines_, buffer, sizeof buffer);
        if (count > 0) text.append(buffer, static_cast<std::size_t>(count));
        return count > 0 || (count < 0 && errno == EINTR);
    }

    int wait() {
        int status = 0;
        while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) continue;
        id_ = 0;
        return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }

private:
    [[noreturn]] static void refuse(const std::string& program, int error) {
        throw UserError(program + ": cannot be started: " + std::generic_category().message(error));
    }

    pid_t id_ = 0;
    int lines_ = -1;
};

}  // namespace

int run_program(const std::vector<std::string>& command,
                const std::function<void(const std::string&)>& on_line) {
    Child child(command);
    std::string text;
    while (child.read(text)) {
        std::size_t start = 0;
        for (std::size_t end; (end = text.find('\n', start)) != std::string::npos; start = end + 1)
            on_line(text.substr(start, end - start));
        text.erase(0, start);
    }
    if (!text.empty()) on_line(text);
    return child.wait();
}

}  // namespace headroom::tools
