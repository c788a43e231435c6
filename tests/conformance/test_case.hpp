// One conformance case: a folder with case.json and a file for each tensor.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

#include "conformance/array.hpp"

namespace headroom::conformance {

/// A case whose own description makes no sense, or a call that the library refused: the case fails.
class Failure : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A case that this library does not claim to answer; what() is the reason that is printed.
class Skip : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct Tolerance {
    double absolute = 0;
    double relative = 0;
};

class TestCase {
public:
    /// Reads case.json and every tensor that it names. Throws std::runtime_error if the folder does
    /// not hold what case.json says.
    explicit TestCase(const std::filesystem::path& folder);

    /// The same case with each number of its floating-point inputs left alone or moved to one of
    /// its neighbours among the floats, at random.
    TestCase nudged(std::uint64_t seed) const;

    const std::string& op() const { return op_; }
    const Tolerance& tolerance() const { return tolerance_; }
    const std::map<std::string, Array>& outputs() const { return outputs_; }

    /// An input; null if the case has none of that name.
    const Array* find(const std::string& name) const;
    /// An input that must be there, with that many dimensions unless `rank` is -1; throws Failure.
    const Array& input(const std::string& name, Index rank = -1) const;
    const Array* find_output(const std::string& name) const;
    /// The file of an input that is there.
    const std::filesystem::path& file(const std::string& name) const { return files_.at(name); }

    /// Attributes; `otherwise` if there is none, or it is null. Throws Failure for another type.
    std::int64_t integer(const std::string& name, std::int64_t otherwise) const;
    /// A number of heads or elements, 0 if there is none; throws Failure if it is beyond an Index.
    Index count(const std::string& name) const;
    double real(const std::string& name, double otherwise) const;
    bool flag(const std::string& name, bool otherwise = false) const;
    bool has_attribute(const std::string& name) const;

private:
    std::string op_;
    Tolerance tolerance_;
    nlohmann::json attributes_;
    std::map<std::string, Array> inputs_;
    std::map<std::string, std::filesystem::path> files_;
    std::map<std::string, Array> outputs_;
};

}  // namespace headroom::conformance
