// The operators whose cases can be run, one file each.
#pragma once

#include <string>

#include <headroom/port.hpp>

#include "conformance/comparison.hpp"
#include "conformance/test_case.hpp"

namespace headroom::conformance {

/// Runs a case on a port. Throws Skip if the case asks for something that the library does not
/// offer, and Failure (or another std::exception) if it does not work.
using Operator = Outcome (*)(const TestCase& test, const Port& port);

Outcome run_onnx_attention(const TestCase& test, const Port& port);
Outcome run_onnx_rotary(const TestCase& test, const Port& port);
Outcome run_torch_layer(const TestCase& test, const Port& port);
Outcome run_ort_multi_head(const TestCase& test, const Port& port);
Outcome run_ort_grouped_query(const TestCase& test, const Port& port);
Outcome run_ort_rotary(const TestCase& test, const Port& port);

/// The function for case.json's "op"; throws Skip if there is none.
Operator find_operator(const std::string& op);

}  // namespace headroom::conformance
