// ai.onnx.Attention: from its inputs and attributes to one problem for the library.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/attend_problem.hpp"
#include "tools/mask_memory.hpp"
#include "tools/operand.hpp"

namespace headroom::tools {

struct LengthArray {
    std::string name;
    Dims dims;
    std::vector<std::int64_t> values;
};

struct OnnxInputs {
    FloatArray query, key, value;
    std::optional<FloatArray> past_key = {}, past_value = {};  ///< Both or none.
    std::optional<MaskArray> mask = {};
    std::optional<LengthArray> valid_keys = {};  ///< nonpad_kv_seqlen: i64 [batches]; with no past.
};

/// The defaults are the operator's.
struct OnnxAttributes {
    Index heads = 0;     ///< Of 3-D queries.
    Index kv_heads = 0;  ///< Of 3-D keys and values.
    std::optional<float> scale = {};
    float softcap = 0;  ///< 0: none. cap * tanh(s / cap) is the same for either sign.
    bool causal = false;
    std::int64_t window_left = -1;
    std::int64_t window_right = -1;

    /// Position of the first query among the keys. Default: the past's length; with valid_keys
    /// that number less the queries, for each sequence; else 0.
    std::optional<std::int64_t> causal_offset = {};
};

/// The operands in memory, and the problem that refers to them. Neither copied nor moved.
class OnnxAttend {
public:
    /// Throws UserError, naming the inputs and their shapes, if they do not fit.
    OnnxAttend(OnnxInputs inputs, const OnnxAttributes& attributes);
    OnnxAttend(const OnnxAttend&) = delete;
    OnnxAttend& operator=(const OnnxAttend&) = delete;

    /// Its `out` is the memory of out().
    const AttendProblem& problem() const { return problem_; }
    const OutputMemory& out() const { return out_; }

    /// The past included: what the operator gives as present_key and present_value.
    const Operand& key() const { return key_; }
    const Operand& value() const { return value_; }

private:
    struct Operands {
        Operand query, key, value;  // the past included
        Index past;                 // its tokens
    };
    static Operands read_operands(OnnxInputs& in, const OnnxAttributes& attributes);
    static Index add_past(const OnnxInputs& in, Operands& to);
    OnnxAttend(OnnxInputs& in, const OnnxAttributes& attributes, Operands operands);
    void set_positions(const OnnxInputs& in, const OnnxAttributes& attributes, Index past);
    void set_scale(const OnnxAttributes& attributes);

    Operand query_, key_, value_;
    OutputMemory out_;
    std::optional<MaskMemory> mask_;
    std::vector<std::int64_t> valid_keys_, first_positions_;
    AttendProblem problem_;
};

}  // namespace headroom::tools
