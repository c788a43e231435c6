// The file of `headroom bench`, written and read again, or refused.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "support/folder.hpp"
#include "tools/atomic_file.hpp"
#include "tools/bench/report.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {

inline BenchReport written_and_read(const std::string& text) {
    const test::Folder folder;
    const auto path = folder.path() / "bench.json";
    write_file(path, text);
    return read_bench_report(path);
}

/// Why a file of this text is refused; empty if it is not.
inline std::string refusal(const std::string& text) {
    try {
        written_and_read(text);
    } catch (const UserError& error) {
        return error.what();
    }
    return "";
}

/// The same of a file where the value at a JSON pointer is another one.
inline std::string refusal(nlohmann::ordered_json json, const char* pointer,
                           const nlohmann::ordered_json& value) {
    json[nlohmann::ordered_json::json_pointer(pointer)] = value;
    return refusal(json.dump());
}

}  // namespace headroom::tools
