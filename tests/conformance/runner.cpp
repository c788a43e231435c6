#include "conformance/runner.hpp"

#include <algorithm>
#include <exception>
#include <functional>
#include <iomanip>
#include <map>
#include <ostream>
#include <set>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "conformance/case_list.hpp"
#include "conformance/operators.hpp"
#include "conformance/sensitivity.hpp"
#include "conformance/tool_attention.hpp"
#include "support/bits.hpp"

namespace headroom::conformance {
namespace {

namespace fs = std::filesystem;

// An exception's text in one line: libraries' messages may have several.
std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

// Runs the case of a folder, and gives what is said of it if it passes.
using CaseRun = std::function<std::string(const fs::path& folder)>;

// What computes a case: the library, or the tool.
using Run = std::function<Outcome(const TestCase& test, const Port& port)>;

// How the outputs of a case compare with what is wanted.
struct Verdict {
    double worst = 0;             // in units of the tolerance
    std::set<std::string> notes;  // for the line of a case that passes
};

// Adds to the verdict; throws Failure unless every output is as wanted. Inputs other than the
// case's own, which tell how exact float32 can be, are the library's business.
void check_against_case(const TestCase& test, Operator library, const Outcome& outcome,
                        IllConditioned if_ill_conditioned, Verdict& verdict) {
    for (const auto& [name, array] : test.outputs()) {
        if (!outcome.covered.contains(name)) throw Failure("output " + name + " is not computed");
    }
    std::map<std::string, std::vector<double>> allowances;
    for (const Output& output : outcome.outputs) {
        const Deviation deviation = compare(output, test.tolerance());
        verdict.worst = std::max(verdict.worst, deviation.ratio);
        if (deviation.failing == 0) continue;
        const std::string share = std::to_string(deviation.failing) + " of " +
                                  std::to_string(output.got.size()) + " elements";
        if (if_ill_conditioned == IllConditioned::tell) {
            if (allowances.empty()) allowances = sensitivity(test, library);
            if (compare(output, test.tolerance(), allowances.at(output.name)).failing == 0) {
                verdict.notes.insert(output.name + " is beyond the tolerance in " + share +
                                     ", but moving the inputs by one float moves them as far");
                continue;
            }
        }
        throw Failure(deviation.where + "; " + share + " differ");
    }
}

void check_bits(const Outcome& scalar, const Outcome& outcome) {
    for (std::size_t i = 0; i < scalar.outputs.size(); ++i) {
        const std::string text = test::difference(scalar.outputs[i].got, outcome.outputs.at(i).got);
        if (!text.empty()) {
            throw Failure(scalar.outputs[i].name +
                          " has other bits than on the scalar port: " + text);
        }
    }
}

Outcome run_on(const Port& port, const Run& run, const TestCase& test) {
    try {
        return run(test, port);
    } catch (const Failure& failure) {
        throw Failure(std::string("port ") + port.name + ": " + failure.what());
    }
}

// What is said of a case that passed.
std::string run_case(const fs::path& folder, std::span<const Port* const> ports,
                     IllConditioned if_ill_conditioned, const fs::path& tool) {
    const TestCase test(folder);
    const Operator library = find_operator(test.op());
    const Run run = tool.empty() ? Run(library) : [&](const TestCase& one, const Port& port) {
        return run_tool_attention(tool, one, port);
    };
    const Outcome scalar = run_on(*find_port("scalar"), run, test);
    Verdict verdict{0, scalar.notes};
    for (const Port* port : ports) {
        const Outcome outcome = run_on(*port, run, test);
        try {
            check_against_case(test, library, outcome, if_ill_conditioned, verdict);
            check_bits(scalar, outcome);
        } catch (const Failure& failure) {
            throw Failure(std::string("port ") + port->name + ": " + failure.what());
        }
    }
    std::ostringstream text;
    text << "largest error " << std::setprecision(2) << verdict.worst << " of the tolerance";
    for (const std::string& note : verdict.notes) text << "; " << note;
    return text.str();
}

void report(std::ostream& print, const char* verdict, const std::string& name,
            const std::string& text) {
    print << std::left << std::setw(8) << verdict << name << ": " << one_line(text) << '\n';
}

void run_and_count(const fs::path& path, const std::string& name, const CaseRun& run_case,
                   std::ostream& print, Summary& summary) {
    try {
        report(print, "passed", name, run_case(path));
        ++summary.passed;
    } catch (const Skip& skip) {
        report(print, "skipped", name, skip.what());
        ++summary.skipped;
    } catch (const std::exception& failure) {
        report(print, "FAILED", name, failure.what());
        ++summary.failed;
    }
}

}  // namespace

Summary run_folders(std::span<const fs::path> folders, std::span<const Port* const> ports,
                    IllConditioned if_ill_conditioned, std::ostream& print, const fs::path& tool,
                    const fs::path& list) {
    Summary summary;
    for (const fs::path& folder : folders) {
        std::error_code error;
        if (list.empty() && !fs::is_directory(folder, error)) {
            report(print, "FAILED", folder.string(), "no such folder");
            ++summary.failed;
            continue;
        }
        for (const fs::path& path : list.empty() ? find_cases(folder) : read_list(list, folder)) {
            const fs::path relative = path.lexically_relative(folder);
            const std::string name = relative == "." ? path.filename().string() : relative.string();
            run_and_count(
                path, name,
                [&](const fs::path& one) { return run_case(one, ports, if_ill_conditioned, tool); },
                print, summary);
        }
    }
    print << summary.passed << " passed, " << summary.failed << " failed, " << summary.skipped
          << " skipped\n";
    return summary;
}

}  // namespace headroom::conformance
