// Measures one call: its instructions or ticks, and its stack.
#pragma once

#include <headroom/status.hpp>

#include "bench/shapes/memory.hpp"

namespace bench {

// What a row of the table begins with.
struct Row {
    const char* name;
    std::size_t arena_bytes;  // state and scratch
};

void print_header();

// Makes the call twice and prints its row. A call that is refused ends the program.
void measure(const Row& row, headroom::Result (*call)(const void*), const void* subject);

// The same for anything that can be called; says so instead if it had not enough memory.
template <class Call>
void measure(const Row& row, const Memory& memory, const Call& call);

void print_too_large(const Row& row, const Memory& memory);

template <class Call>
void measure(const Row& row, const Memory& memory, const Call& call) {
    if (!memory.enough()) return print_too_large(row, memory);
    measure(
        row, [](const void* subject) { return (*static_cast<const Call*>(subject))(); }, &call);
}

}  // namespace bench
