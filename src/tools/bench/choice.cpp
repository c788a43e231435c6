#include "tools/bench/choice.hpp"

#include <algorithm>
#include <iterator>

#include <headroom/port.hpp>

#include "tools/port_choice.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

void require_alone(const std::string& option, const std::string& name,
                   const std::vector<std::string>& given) {
    if (given.size() > 1 && contains(given, name))
        throw UserError(option + " " + name + ": stands alone, without other names");
}

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
        if (!contains(chosen, name)) chosen.push_back(name);
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

std::string chosen_peers(const std::vector<std::string>& names) {
    if (names.empty()) return "all";
    std::vector<std::string> chosen;
    std::string text;
    for (const std::string& name : names) {
        if (contains(chosen, name)) continue;
        chosen.push_back(name);
        text += (text.empty() ? "" : ",") + name;
    }
    for (const char* const alone : {"all", "none"}) require_alone("--peers", alone, chosen);
    return text;
}

std::vector<BenchShape> chosen_shapes(const BenchOptions& options) {
    std::vector<BenchShape> shapes;
    require_alone("--shape", "none", options.shapes);
    if (contains(options.shapes, "none")) {
        if (!options.features && !options.growth)
            throw UserError("--shape none: nothing is left but --features and --growth");
        if (options.has_own && !options.features)
            throw UserError("--shape none: then a shape of your own is for --features only");
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
