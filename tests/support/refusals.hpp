// Calls that must be refused: what they return, and that they leave no trace.
#pragma once

#include <doctest/doctest.h>

#include <headroom/status.hpp>
#include <span>
#include <string>

namespace headroom::test {

/// A result in words, for messages that tell at once what came instead.
inline std::string words(Result result) {
    return std::string(describe(result.status)) + " argument " + std::to_string(result.argument);
}
inline std::string words(Status status, int argument) {
    return words({status, static_cast<std::uint8_t>(argument)});
}

/// `attempt` spoils a fresh valid Call and makes it: it must be refused so, and the memory that
/// Call::hash() covers must be as before.
template <class Call, class Attempt>
void expect_refused(const std::string& what, Status status, int argument, Attempt attempt) {
    Call call;
    const std::uint64_t before = call.hash();
    const Result result = attempt(call);
    INFO(what);
    CHECK(words(result) == words(status, argument));
    CHECK(call.hash() == before);
}

template <class T>
std::span<T> shorter(std::span<T> span) {
    return span.first(span.size() - 1);
}

}  // namespace headroom::test
