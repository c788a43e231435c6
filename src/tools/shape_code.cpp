#include "tools/shape_code.hpp"

namespace headroom::tools {

std::string shape_code(const Shape& s) {
    std::string text =
        "{.model_dim = " + std::to_string(s.model_dim) + ", .heads = " + std::to_string(s.heads);
    const auto add = [&](const char* field, std::int64_t value, std::int64_t otherwise) {
        if (value != otherwise) text += std::string(", .") + field + " = " + std::to_string(value);
    };
    add("kv_heads", s.kv_heads, s.heads);
    add("head_dim", s.head_dim, s.model_dim % s.heads == 0 ? s.model_dim / s.heads : 0);
    add("value_dim", s.value_dim, s.head_dim);
    add("key_source_dim", s.key_source_dim, s.model_dim);
    add("value_source_dim", s.value_source_dim, s.model_dim);
    add("output_dim", s.output_dim, s.model_dim);
    if (s.extra_key) text += ", .extra_key = true";
    add("rotary_dim", s.rotary_dim, 0);
    add("max_queries", s.max_queries, 1);
    add("max_keys", s.window > 0 ? 0 : s.max_keys, 0);
    add("window", s.window, 0);
    add("sinks", s.window > 0 ? s.sinks : 0, 0);
    return text + "}";
}

std::string with_commas(std::uint64_t n) {
    std::string text = std::to_string(n);
    for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
    return text;
}

}  // namespace headroom::tools
