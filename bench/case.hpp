// A shape to be timed: its inputs, and how our library and a yardstick compute it.
#pragma once

#include "bench/random.hpp"
#include "bench/yardstick/yardstick.hpp"

#include <headroom/headroom.hpp>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace bench {

class Case {
public:
    Case(std::string name, double multiply_adds)
        : name_(std::move(name)), flops_(2.0 * multiply_adds) {}
    virtual ~Case() = default;
    Case(const Case&) = delete;
    Case& operator=(const Case&) = delete;

    // One call, through the public API with all its checks. A refused call ends the program.
    virtual void ours(const headroom::Port& port) = 0;
    virtual void yardstick(const Yardstick& with) = 0;

    virtual std::span<const float> our_output() const = 0;
    virtual std::span<const float> yardstick_output() const = 0;

    const std::string& name() const { return name_; }
    double flops() const { return flops_; }  // of one call, two for each multiply-add

private:
    std::string name_;
    double flops_;
};

std::vector<std::unique_ptr<Case>> attend_cases();
std::vector<std::unique_ptr<Case>> layer_cases();

// Memory of a case: floats aligned to 64 bytes, zero at first. Large ones start at a huge page, for
// ours and for the yardstick alike, so that neither is luckier with the pages that it gets.
class Buffer {
public:
    explicit Buffer(std::size_t floats);
    std::span<float> floats() { return {data_.get(), count_}; }
    std::span<const float> floats() const { return {data_.get(), count_}; }
    std::span<std::byte> bytes() { return std::as_writable_bytes(floats()); }
    float* data() { return data_.get(); }
    const float* data() const { return data_.get(); }

    // With random numbers, see random.hpp.
    Buffer& fill(unsigned seed, float most);

private:
    struct Free {
        void operator()(float* p) const { std::free(p); }
    };
    std::unique_ptr<float, Free> data_;
    std::size_t count_;
};

inline Buffer bytes_of(std::size_t bytes) { return Buffer(bytes / sizeof(float)); }

// Rows [rows][width] as panels of 16 rows: [panel][width][16]; the last panel is padded with zeros.
void pack_panels(const float* rows, int count, int width, float* panels);

// Ends the program with a message if a call was refused.
void expect_ok(headroom::Result result, const std::string& what);

}  // namespace bench
