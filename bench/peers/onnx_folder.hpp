// A folder of the models of one task, written by onnx_models.py, for as long as they are needed.
#pragma once

#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {
namespace {

class OnnxFolder {
public:
    OnnxFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "headroom_XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) throw std::runtime_error(name + ": cannot be made");
        path_ = name;
    }
    OnnxFolder(const OnnxFolder&) = delete;
    OnnxFolder& operator=(const OnnxFolder&) = delete;
    ~OnnxFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    void add_weights(const std::string& name, const std::vector<float>& weights) const {
        std::ofstream file(path_ / (name + ".f32"), std::ios::binary);
        file.write(reinterpret_cast<const char*>(weights.data()),
                   static_cast<std::streamsize>(weights.size() * sizeof(float)));
        if (!file.flush()) throw std::runtime_error(name + ": cannot be written");
    }

    // Has the models written; the names of the ways that there are to express the task.
    std::vector<std::string> write_models(int copies, const std::vector<std::string>& task) const {
        // It lies beside the program, as this module does.
        const auto script =
            std::filesystem::read_symlink("/proc/self/exe").parent_path() / "onnx_models.py";
        std::vector<std::string> words{HEADROOM_PYTHON, script, path_, std::to_string(copies)};
        words.insert(words.end(), task.begin(), task.end());
        run(words);
        std::vector<std::string> ways;
        for (const auto& entry : std::filesystem::directory_iterator(path_)) {
            const std::string name = entry.path().filename();
            if (name.ends_with(".1.onnx")) ways.push_back(name.substr(0, name.size() - 7));
        }
        std::sort(ways.begin(), ways.end());
        return ways;
    }

    std::filesystem::path model(const std::string& way, int copies) const {
        return path_ / (way + "." + std::to_string(copies) + ".onnx");
    }

private:
    static void run(std::vector<std::string>& words) {
        std::vector<char*> arguments;
        for (std::string& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        pid_t child = 0;
        int status = 0;
        const bool started =
            posix_spawn(&child, arguments[0], nullptr, nullptr, arguments.data(), environ) == 0;
        if (!started || waitpid(child, &status, 0) != child || status != 0)
            throw std::runtime_error(words[1] + " failed");
    }

    std::filesystem::path path_;
};

}  // namespace
}  // namespace bench
