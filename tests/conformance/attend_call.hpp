// Calling attend() with features that are known only when a case has been read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <headroom/attention.hpp>

#include "conformance/array.hpp"

namespace headroom::conformance {

/// Everything that a case may ask of attend().
struct AttendProblem {
    ConstTensor query, key, value;
    Tensor out;
    Attention how = {};
    std::optional<Softcap> softcap = {};
    std::optional<ScoreBias> bias = {};
    std::optional<BoolMask> mask = {};
    std::optional<SinkLogits> sinks = {};
    std::optional<WeightsCallback> weights = {};
};

/// Calls attend() in scratch of exactly scratch_bytes(). Then appends the keys to a KvCache, in two
/// pieces, and attends to that, sequence by sequence: the bits must be the same. Throws Failure if
/// not, or if the library refuses a call.
void run_attend(const Port& port, const AttendProblem& problem);

/// Throws Failure unless `result` is ok; `call` is the name of what was called.
void require_ok(Result result, const char* call);

/// A mask with its memory. `Mask<bool>` needs an array of bool, which no std::vector has.
class MaskMemory {
public:
    /// Broadcasts a mask, right-aligned, to [batches][heads][queries][keys] as ONNX does: a
    /// dimension of 1 is repeated, keys at the mask's last dimension and beyond are masked. A bool
    /// mask shows where it is true, another one is added. Throws Failure if the shapes do not fit.
    MaskMemory(const Array& mask, Index batches, Index heads, Index queries, Index keys);

    /// Gives the problem this mask as its bias or mask; it refers to this object.
    void bind(AttendProblem& problem) const;

private:
    bool is_bool_;
    std::vector<float> floats_;
    std::unique_ptr<bool[]> bools_;
    std::size_t size_;
    Mask<float> strides_;  // without data
};

/// Collects what a WeightsCallback shows: [batches][heads][queries][keys]. Elsewhere it
/// stays NaN.
class WeightsCollector {
public:
    WeightsCollector(Index batches, Index heads, Index queries, Index keys);

    /// Refers to this object.
    WeightsCallback callback(Stage stage);

    /// Where a layer's calls, one sequence each, write: added to the batch that the library names.
    void set_batch(Index batch) { first_batch_ = batch; }

    std::vector<float>& values() { return values_; }
    Dims dims() const { return dims_; }

private:
    static void receive(void* context, const WeightsBlock& block);

    Dims dims_;
    std::vector<float> values_;
    Index first_batch_ = 0;
};

}  // namespace headroom::conformance
