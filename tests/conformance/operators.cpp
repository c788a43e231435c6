#include "conformance/operators.hpp"

#include <array>
#include <utility>

namespace headroom::conformance {

Operator find_operator(const std::string& op) {
    static constexpr std::array<std::pair<const char*, Operator>, 6> operators{{
        {"ai.onnx.Attention", run_onnx_attention},
        {"ai.onnx.RotaryEmbedding", run_onnx_rotary},
        {"torch.nn.MultiheadAttention", run_torch_layer},
        {"com.microsoft.MultiHeadAttention", run_ort_multi_head},
        {"com.microsoft.GroupQueryAttention", run_ort_grouped_query},
        {"com.microsoft.RotaryEmbedding", run_ort_rotary},
    }};
    for (const auto& [name, function] : operators) {
        if (op == name) return function;
    }
    throw Skip("operator " + op + " is not one that the library has a counterpart of");
}

}  // namespace headroom::conformance
