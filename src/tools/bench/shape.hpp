// What `headroom bench` times: the shapes that have names, and any other.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace headroom::tools {

/// attend() on plain tensors or, with more keys than tokens, on a cache; or a whole layer, whose
/// first keys - tokens tokens are in its cache before the call.
struct BenchShape {
    std::string name;
    int model_dim = 0;  ///< Of a layer; 0: attend() alone.
    int heads = 1;
    int kv_heads = 1;
    int width = 64;  ///< Of a query, a key and a value.
    int tokens = 1;
    int keys = 1;
    bool causal = false;

    bool is_layer() const { return model_dim > 0; }
    bool has_cache() const { return keys > tokens; }
    int position() const { return keys - tokens; }  ///< Of the first token among the keys.

    friend bool operator==(const BenchShape&, const BenchShape&) = default;
};

/// The shapes that every platform is measured with.
std::span<const BenchShape> named_bench_shapes();

/// One of them; null if there is none of this name.
const BenchShape* find_bench_shape(std::string_view name);

/// A name that tells the shape, such as attend_h3_t98_w64.
std::string describing_name(const BenchShape& shape);

/// Throws UserError, naming the option, if the library could not run the shape.
void require_possible(const BenchShape& shape);

/// One word that holds the whole shape, for another program's command line; and back. The latter
/// throws UserError.
std::string shape_word(const BenchShape& shape);
BenchShape shape_of_word(const std::string& word);

/// Multiply-adds of a call, and bytes that it must read or write at least once.
double multiply_adds(const BenchShape& shape);
double bytes_moved(const BenchShape& shape);

}  // namespace headroom::tools
