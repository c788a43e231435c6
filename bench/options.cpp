#include "bench/options.hpp"

#include "bench/peer_modules.hpp"
#include "tools/user_error.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace bench {
namespace {

using headroom::tools::UserError;

const char* const kFooter =
    "Without --check, --cores and --report it times every shape on every port, and a yardstick\n"
    "beside them if it was built with one, and takes the options of Google Benchmark:";

class CommandLine {
public:
    CommandLine() {
        add_tasks();
        add_settings();
        app_.allow_extras();
        app_.footer(kFooter);
    }

    Options parse(int argc, char** argv) {
        try {
            app_.parse(argc, argv);
        } catch (const CLI::CallForHelp&) {
            return ShowHelp{app_.help()};
        } catch (const CLI::ParseError& error) {
            std::string what = error.what();
            std::replace(what.begin(), what.end(), '\n', ' ');
            throw UserError(what);
        }
        // No range leaves NaN out.
        if (given(*check_)) check_task_.mark = std::stod(mark_);
        if (std::isnan(given_seconds_) || std::isnan(check_task_.mark))
            throw UserError("--seconds, --check: must be numbers");
        for (const Setting& setting : settings_) require_effect(setting);
        if (given(*check_)) return known(check_options());
        if (given(*cores_)) return known(cores_options());
        if (given(*report_)) return known(report_options());
        return GoogleOptions{app_.remaining()};
    }

private:
    // An option, and the tasks that heed it.
    struct Setting {
        CLI::Option* option;
        std::vector<const CLI::Option*> tasks;
    };

    void add_tasks() {
        // As text: CLI11 reads the values of flags as integers.
        check_ = app_.add_flag("--check{0.85}", mark_,
                               "Compare with the yardstick: fail if its time over ours is 10 % "
                               "below this mark, 0.85 if none is given.");
        check_->check(CLI::Range(1e-3, 1e3));
        cores_ = app_.add_flag("--cores{2}", cores_task_.cores,
                               "Compare one core with so many, 2 if none is given.");
        cores_->check(CLI::Range(1, 1024));
        report_ =
            app_.add_flag("--report", reports_, "Tell `headroom bench` of all, in lines of JSON.");
        check_->excludes(cores_)->excludes(report_);
        cores_->excludes(report_);
    }

    void add_settings() {
        seconds_ = add("--seconds", given_seconds_, {check_, cores_, report_},
                       "Measuring time for each shape.");
        seconds_->check(CLI::Range(1e-6, 3600.0));
        add("--only", only_, {check_, cores_}, "Only shapes whose name contains this.");
        port_ = add("--port", report_task_.port, {report_}, "The port.");
        add("--shape", shapes_, {report_}, "A shape to be timed, as the tool writes it.");
        add("--features", features_, {report_}, "A shape to be timed with each feature.");
        add("--peers", report_task_.peers, {report_}, "all, or names with commas between.")
            ->delimiter(',');
        add("--powercap", powercap_, {report_}, "Folder of the energy counters.");
        settings_.push_back({app_.add_flag("--growth", report_task_.growth,
                                           "How time grows with tokens, keys, heads and width."),
                             {report_}});
    }

    template <class Value>
    CLI::Option* add(const char* name, Value& value, std::vector<const CLI::Option*> tasks,
                     const char* words) {
        CLI::Option* const option = app_.add_option(name, value, words);
        settings_.push_back({option, std::move(tasks)});
        return option;
    }

    const std::string& only() const {
        for (const headroom::tools::BenchShape& shape : headroom::tools::named_bench_shapes()) {
            if (shape.name.find(only_) != std::string::npos) return only_;
        }
        throw UserError("--only " + only_ + ": in no shape's name");
    }

    static bool given(const CLI::Option& option) { return option.count() > 0; }

    static void require_effect(const Setting& setting) {
        if (!given(*setting.option)) return;
        std::string names;
        for (const CLI::Option* const task : setting.tasks) {
            if (given(*task)) return;
            names += (names.empty() ? "" : ", ") + task->get_name();
        }
        throw UserError(setting.option->get_name() + ": has no effect without " + names);
    }

    // What is not known is Google Benchmark's, which does not run here.
    template <class Task>
    Options known(Task task) const {
        const std::vector<std::string> others = app_.remaining();
        if (!others.empty()) throw UserError(others.front() + ": no such option");
        return task;
    }

    CheckOptions check_options() {
        check_task_.only = only();
        if (given(*seconds_)) check_task_.seconds = given_seconds_;
        return check_task_;
    }

    CoresOptions cores_options() {
        cores_task_.only = only();
        if (given(*seconds_)) cores_task_.seconds = given_seconds_;
        return cores_task_;
    }

    ReportOptions report_options() {
        if (!given(*port_)) throw UserError("--report: needs --port");
        if (given(*seconds_)) report_task_.seconds = given_seconds_;
        if (!powercap_.empty()) report_task_.powercap = powercap_;
        if (report_task_.peers == std::vector<std::string>{"all"})
            report_task_.peers = known_peers();
        for (const std::string& word : shapes_)
            report_task_.shapes.push_back(headroom::tools::shape_of_word(word));
        for (const std::string& word : features_) {
            report_task_.features.push_back(headroom::tools::shape_of_word(word));
            if (report_task_.features.back().is_layer())
                throw UserError("--features: " + word + ": is a layer");
        }
        return report_task_;
    }

    CLI::App app_{"headroom_bench: times the shapes of headroom on this machine.",
                  "headroom_bench"};
    CLI::Option *check_ = nullptr, *cores_ = nullptr, *report_ = nullptr, *seconds_ = nullptr,
                *port_ = nullptr;
    std::vector<Setting> settings_;
    CheckOptions check_task_;
    CoresOptions cores_task_;
    ReportOptions report_task_;
    bool reports_ = false;
    double given_seconds_ = 0.0;
    std::string mark_, only_, powercap_;
    std::vector<std::string> shapes_, features_;
};

}  // namespace

Options parse_options(int argc, char** argv) { return CommandLine().parse(argc, argv); }

}  // namespace bench
