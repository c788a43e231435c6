#include "conformance/test_case.hpp"

#include <cmath>
#include <fstream>
#include <utility>

#include "support/random.hpp"

namespace headroom::conformance {
namespace {

using Json = nlohmann::json;

std::map<std::string, Array> read_tensors(const std::filesystem::path& folder, const Json& list) {
    std::map<std::string, Array> tensors;
    for (const Json& entry : list) {
        const auto name = entry.at("name").get<std::string>();
        const auto file = entry.at("file").get<std::string>();
        Array array = read_array(folder / file);
        const auto dims = entry.at("shape").get<Dims>();
        const auto dtype = entry.at("dtype").get<std::string>();
        if (array.dims != dims || name_of(array.dtype) != dtype) {
            throw std::runtime_error(file + ": holds " + name_of(array.dtype) +
                                     shape_text(array.dims) + ", case.json says " + dtype +
                                     shape_text(dims));
        }
        if (!tensors.emplace(name, std::move(array)).second) {
            throw std::runtime_error("case.json names " + name + " twice");
        }
    }
    return tensors;
}

const Array* lookup(const std::map<std::string, Array>& tensors, const std::string& name) {
    const auto found = tensors.find(name);
    return found == tensors.end() ? nullptr : &found->second;
}

}  // namespace

TestCase::TestCase(const std::filesystem::path& folder) {
    std::ifstream file(folder / "case.json");
    if (!file) throw std::runtime_error("there is no case.json");
    const Json json = Json::parse(file);
    op_ = json.at("op").get<std::string>();
    attributes_ = json.value("attributes", Json::object());
    tolerance_.absolute = json.at("tolerance").at("atol").get<double>();
    tolerance_.relative = json.at("tolerance").at("rtol").get<double>();
    inputs_ = read_tensors(folder, json.at("inputs"));
    for (const Json& entry : json.at("inputs"))
        files_[entry.at("name").get<std::string>()] = folder / entry.at("file").get<std::string>();
    outputs_ = read_tensors(folder, json.at("outputs"));
    if (outputs_.empty()) throw std::runtime_error("case.json names no output");
}

TestCase TestCase::nudged(std::uint64_t seed) const {
    TestCase other = *this;
    test::Random random(seed);
    for (auto& [name, array] : other.inputs_) {
        if (!tools::is_real(array.dtype)) continue;
        for (double& value : array.values) {
            const auto exact = static_cast<float>(value);
            if (std::isinf(exact)) continue;  // a mask
            value = std::nextafter(exact, random.pick({-INFINITY, exact, INFINITY}));
        }
    }
    return other;
}

const Array* TestCase::find(const std::string& name) const { return lookup(inputs_, name); }
const Array* TestCase::find_output(const std::string& name) const { return lookup(outputs_, name); }

const Array& TestCase::input(const std::string& name, Index rank) const {
    const Array* const array = find(name);
    if (array == nullptr) throw Failure("the case has no input " + name);
    if (rank >= 0 && array->rank() != rank) {
        throw Failure(name + " has shape " + shape_text(array->dims) + ", not " +
                      std::to_string(rank) + " dimensions");
    }
    return *array;
}

bool TestCase::has_attribute(const std::string& name) const {
    return attributes_.contains(name) && !attributes_.at(name).is_null();
}

std::int64_t TestCase::integer(const std::string& name, std::int64_t otherwise) const {
    if (!has_attribute(name)) return otherwise;
    const Json& value = attributes_.at(name);
    if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
    if (!value.is_number_integer()) throw Failure("attribute " + name + " is not an integer");
    return value.get<std::int64_t>();
}

Index TestCase::count(const std::string& name) const {
    const std::int64_t value = integer(name, 0);
    if (!std::in_range<Index>(value)) throw Failure("attribute " + name + " is too large");
    return static_cast<Index>(value);
}

double TestCase::real(const std::string& name, double otherwise) const {
    if (!has_attribute(name)) return otherwise;
    const Json& value = attributes_.at(name);
    if (!value.is_number()) throw Failure("attribute " + name + " is not a number");
    return value.get<double>();
}

bool TestCase::flag(const std::string& name, bool otherwise) const {
    return integer(name, otherwise ? 1 : 0) != 0;
}

}  // namespace headroom::conformance
