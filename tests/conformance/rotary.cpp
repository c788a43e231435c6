// ai.onnx.RotaryEmbedding, opset 23, and com.microsoft.RotaryEmbedding.
#include <headroom/rotary.hpp>

#include <numeric>

#include "conformance/attend_call.hpp"
#include "conformance/layouts.hpp"
#include "conformance/operators.hpp"

namespace headroom::conformance {
namespace {

// Rotates `x` by row positions[b * T + t] of both tables, and adds the result as output `name`.
Outcome rotated(const TestCase& test, const Port& port, const Array& x, Index heads,
                bool interleaved, std::vector<std::int64_t> positions, const char* name) {
    const Operand in = operand(x, heads, "input");
    const Array& cos = test.input("cos_cache");
    const Array& sin = test.input("sin_cache");
    if (cos.rank() < 2 || cos.dims != sin.dims) throw Failure("cos_cache and sin_cache do not fit");
    const std::vector<float> cos_values = cos.floats(), sin_values = sin.floats();
    const Index half = cos.dims.back();
    const Index dim = test.count("rotary_embedding_dim");
    if (2 * half != (dim == 0 ? in.width() : dim)) {
        throw Failure("cos_cache has " + std::to_string(half) +
                      " columns, half of another dimension");
    }
    const RotaryTables tables{.dim = static_cast<int>(2 * half),
                              .pairs = interleaved ? RotaryPairs::interleaved : RotaryPairs::halves,
                              .positions = half == 0 ? 0 : size_of(cos.dims) / half,
                              .cos = cos_values,
                              .sin = sin_values};

    OutputMemory y(x.rank() == 3, in.batches(), in.heads(), in.tokens(), in.width());
    require_ok(rotate(port, in.view(), y.view, tables, positions), "rotate()");
    Operand in_place = in;
    require_ok(rotate(port, in_place.view(), in_place.view(), tables, positions),
               "rotate() in place");
    for (Index b = 0; b < in.batches(); ++b)
        for (Index t = 0; t < in.tokens(); ++t)
            for (Index h = 0; h < in.heads(); ++h)
                for (Index c = 0; c < in.width(); ++c) {
                    const Index at = b * y.view.batch_stride + t * y.view.token_stride +
                                     h * y.view.head_stride + c;
                    const float other = y.values[static_cast<std::size_t>(at)],
                                same = in_place.at(b, t, h, c);
                    if (other != same && !(other != other && same != same)) {
                        throw Failure("rotating in place gives another value");
                    }
                }

    Outcome outcome;
    outcome.add(test, name, y.dims, y.values);
    return outcome;
}

std::vector<std::int64_t> counting(std::int64_t from, std::size_t count) {
    std::vector<std::int64_t> positions(count);
    std::iota(positions.begin(), positions.end(), from);
    return positions;
}

// Batches and tokens of an input in either layout.
Index batches_of(const Array& x) { return x.dims.at(0); }
Index tokens_of(const Array& x) { return x.dims.at(x.rank() == 4 ? 2 : 1); }

}  // namespace

Outcome run_onnx_rotary(const TestCase& test, const Port& port) {
    const Array& x = test.input("X");
    const Array* const ids = test.find("position_ids");
    // Without position_ids the caches are [B][T][half]: a row for each token, in order.
    const Array& cos = test.input("cos_cache", ids != nullptr ? 2 : 3);
    if (ids == nullptr && (cos.dims[0] != batches_of(x) || cos.dims[1] != tokens_of(x))) {
        throw Failure("cos_cache " + shape_text(cos.dims) + " is not a row for each token");
    }
    const auto rows = static_cast<std::size_t>(batches_of(x) * tokens_of(x));
    return rotated(test, port, x, test.count("num_heads"), test.flag("interleaved"),
                   ids != nullptr ? ids->integers() : counting(0, rows), "Y");
}

Outcome run_ort_rotary(const TestCase& test, const Port& port) {
    if (test.flag("is_packed_batching"))
        throw Skip("packed batching is not a layout of the library");
    if (test.real("scale", 1) != 1)
        throw Skip("a scale of the angles of given tables has no meaning");
    const Array& x = test.input("input");
    const Array& cos = test.input("cos_cache", 2);
    Index heads = test.count("num_heads");
    // A 3-D input may leave the heads to the caches: whole heads are rotated then.
    if (heads == 0 && x.rank() == 3 && cos.dims[1] > 0) heads = x.dims[2] / (2 * cos.dims[1]);

    const Array& ids = test.input("position_ids");
    const auto tokens = static_cast<std::size_t>(tokens_of(x));
    std::vector<std::int64_t> positions = ids.integers();
    if (ids.rank() == 1 && positions.size() == 1) {  // one offset for every sequence
        const auto one = counting(positions[0], tokens);
        positions.clear();
        for (Index b = 0; b < batches_of(x); ++b)
            positions.insert(positions.end(), one.begin(), one.end());
    }
    return rotated(test, port, x, heads, test.flag("interleaved"), std::move(positions), "output");
}

}  // namespace headroom::conformance
