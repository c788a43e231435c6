#include "tools/bench/choice.hpp"

#include <algorithm>
#include <iterator>

#include <headroom/port.hpp>

#include "tools/port_choice.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

BenchShape own_shape(const BenchOptions& options) {
    BenchShape shape = options.own;
    if (shape.kv_heads == 0) shape.kv_heads = shape.heads;
    if (shape.keys == 0) shape.keys = shape.tokens;
    shape.width = options.width;
    if (shape.is_layer() && options.width > 0)
        throw UserError("--width: a layer's heads are --model-dim / --heads wide");
    if (shape.is_layer() && shape.model_dim % shape.heads != 0) {
        throw UserError("--model-dim " + std::to_string(shape.model_dim) +
                        " is no multiple of --heads " + std::to_string(shape.heads));
    }
    if (shape.width == 0) shape.width = shape.is_layer() ? shape.model_dim / shape.heads : 64;
    shape.name = describing_name(shape);
    require_possible(shape);
    return shape;
}

}  // namespace

std::vector<std::string> chosen_ports(const std::vector<std::string>& names) {
    std::vector<std::string> chosen;
    const auto add = [&](const std::string& name) {
        if (std::find(chosen.begin(), chosen.end(), name) == chosen.end()) chosen.push_back(name);
    };
    for (const std::string& name : names) {
        if (name != "all") {
            add(choose_port(name).port.name);
            continue;
        }
        for (const Port* port : ports()) {
            if (port->supported() && !std::string(port->name).starts_with("scalar"))
                add(port->name);
        }
        if (chosen.empty()) add(best_port().name);
    }
    if (chosen.empty()) add(choose_port().port.name);
    return chosen;
}

std::vector<BenchShape> chosen_shapes(const BenchOptions& options) {
    std::vector<BenchShape> shapes;
    if (options.shapes == std::vector<std::string>{"none"}) {
        if (!options.features && !options.growth)
            throw UserError("--shape none: nothing is left but --features and --growth");
        if (options.has_own && !options.features)
            throw UserError("--shape none: leaves a shape of your own to --features");
        return shapes;
    }
    for (const std::string& name : options.shapes) {
        const BenchShape* const shape = find_bench_shape(name);
        if (shape == nullptr) {
            std::string known;
            for (const BenchShape& each : named_bench_shapes())
                known += (known.empty() ? "" : ", ") + each.name;
            throw UserError("--shape " + name + ": no such shape; there are " + known);
        }
        if (std::find(shapes.begin(), shapes.end(), *shape) == shapes.end())
            shapes.push_back(*shape);
    }
    if (options.has_own) shapes.push_back(own_shape(options));
    if (shapes.empty()) shapes.assign(named_bench_shapes().begin(), named_bench_shapes().end());
    return shapes;
}

std::vector<BenchShape> shapes_for_features(const BenchOptions& options,
                                            const std::vector<BenchShape>& shapes) {
    std::vector<BenchShape> chosen;
    if (!options.features) return chosen;
    std::vector<BenchShape> own;
    if (options.has_own) own.push_back(own_shape(options));
    const std::span<const BenchShape> from = !shapes.empty() ? std::span(shapes)
                                             : !own.empty()  ? std::span(own)
                                                             : named_bench_shapes();
    std::copy_if(from.begin(), from.end(), std::back_inserter(chosen),
                 [](const BenchShape& shape) { return !shape.is_layer(); });
    if (chosen.empty())
        throw UserError("--features: has no effect on layers, and there is no other shape");
    return chosen;
}

}  // namespace headroom::tools
