// A shape to be timed: its inputs, how our library and a yardstick compute it, and the same task in
// the words of a peer.
#pragma once

#include "bench/buffer.hpp"
#include "bench/peers/peer.hpp"
#include "bench/yardstick/yardstick.hpp"
#include "tools/bench/shape.hpp"

#include <headroom/headroom.hpp>

#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace bench {

using Shape = headroom::tools::BenchShape;

class Case {
public:
    // Calls are spread over the executor's workers, if there is one.
    explicit Case(Shape shape, const headroom::Executor* executor = nullptr)
        : shape_(std::move(shape)),
          executor_(executor),
          flops_(2.0 * headroom::tools::multiply_adds(shape_)) {}
    virtual ~Case() = default;
    Case(const Case&) = delete;
    Case& operator=(const Case&) = delete;

    // One call, through the public API with all its checks. A refused call ends the program.
    virtual void ours(const headroom::Port& port) = 0;
    virtual std::span<const float> our_output() const = 0;

    // What a call reads, in the layout in which ours reads it.
    virtual std::vector<std::span<const float>> data() const = 0;

    // Scratch and state of a call. Packed weights may lie in flash: they do not count.
    virtual std::size_t arena_bytes() const = 0;

    // The same inputs for a peer that writes to `out`, which is as long as our output.
    virtual std::variant<AttendTask, LayerTask> task(float* out) const = 0;

    virtual bool fits_yardstick() const = 0;
    virtual void yardstick(const Yardstick& with) = 0;
    virtual std::span<const float> yardstick_output() const = 0;

    const Shape& shape() const { return shape_; }
    const std::string& name() const { return shape_.name; }
    double flops() const { return flops_; }  // of one call, two for each multiply-add

protected:
    const headroom::Executor* executor() const { return executor_; }
    int workers() const { return executor_ == nullptr ? 1 : executor_->workers; }

private:
    Shape shape_;
    const headroom::Executor* executor_;
    double flops_;
};

std::unique_ptr<Case> make_attend_case(const Shape& shape, const headroom::Executor* executor);
std::unique_ptr<Case> make_layer_case(const Shape& shape, const headroom::Executor* executor);

inline std::unique_ptr<Case> make_case(const Shape& shape,
                                       const headroom::Executor* executor = nullptr) {
    return shape.is_layer() ? make_layer_case(shape, executor) : make_attend_case(shape, executor);
}

// Rows [rows][width] as panels of 16 rows: [panel][width][16]; the last panel is padded with zeros.
void pack_panels(const float* rows, int count, int width, float* panels);

// Ends the program with a message if a call was refused.
void expect_ok(headroom::Result result, const std::string& what);

}  // namespace bench
