#include "tools/plan.hpp"

#include <cstdio>
#include <limits>
#include <utility>

#include <nlohmann/json.hpp>

#include "tools/c_array.hpp"
#include "tools/shape_code.hpp"
#include "tools/user_error.hpp"

namespace headroom::tools {
namespace {

// Why there can be no such layer, or nothing.
std::string complaint(const Shape& s) {
    const auto text = [](std::int64_t n) { return std::to_string(n); };
    if (s.heads > 0 && s.head_dim == 0)
        return "--model-dim " + text(s.model_dim) + " is no multiple of --heads " + text(s.heads) +
               ": give --head-dim";
    if (s.kv_heads < 1 || s.heads % s.kv_heads != 0)
        return "--heads " + text(s.heads) + " is no multiple of --kv-heads " + text(s.kv_heads);
    if (s.rotary_dim % 2 != 0 || s.rotary_dim > s.head_dim)
        return "--rotary-dim " + text(s.rotary_dim) + " is odd or wider than a head, which has " +
               text(s.head_dim);
    if (s.window == 0 && s.max_keys == 0)
        return "the cache has no size: give --max-keys (contiguous) or --window (a ring)";
    if (!valid(s)) return "there can be no layer of this shape: headroom::Shape" + shape_code(s);
    return {};
}

std::uint64_t together(const Plan& p) { return p.state + p.scratch + p.weights; }
std::uint64_t whole(std::int64_t n) { return static_cast<std::uint64_t>(n); }

std::string cache_text(const Shape& s) {
    if (s.window == 0)
        return "keys and values of " + with_commas(whole(s.max_keys)) + " tokens, one sequence";
    return "a ring: " + with_commas(whole(s.sinks)) + " sinks and a window of " +
           with_commas(whole(s.window)) + ", one sequence";
}

std::string line(const char* name, std::uint64_t number, const std::string& what) {
    char text[240];
    std::snprintf(text, sizeof text, "%-13s %15s   %s\n", name, with_commas(number).c_str(),
                  what.c_str());
    return text;
}

}  // namespace

Plan make_plan(const Shape& shape, int workers, std::int64_t keys) {
    Plan p;
    p.shape = resolved(shape);
    if (const std::string why = complaint(p.shape); !why.empty()) throw UserError("plan: " + why);
    p.workers = workers;
    const std::int64_t most = most_keys_seen(p.shape);
    if (keys > most)
        throw UserError("plan: --keys " + std::to_string(keys) + ": a token can see " +
                        std::to_string(most) + " at most");
    p.keys = keys < 0 ? most : keys;
    constexpr std::int64_t countable = std::int64_t{1} << 32;
    if (p.keys >= countable)
        throw UserError("plan: a token that sees " + std::to_string(p.keys) +
                        " keys: its work can be counted below 2^32; give --keys");
    p.state = state_bytes(p.shape);
    p.scratch = scratch_bytes(p.shape, workers);
    p.weights = weights_bytes(p.shape);
    if (p.state == 0 || p.scratch == 0 || p.weights == 0)
        throw UserError("plan: the bytes of this layer are more than a computer can count");
    p.cost = token_cost(p.shape, p.keys);
    return p;
}

std::string plan_text(const Plan& p) {
    const Shape& s = p.shape;
    const TokenCost& c = p.cost;
    std::string text = "headroom::Shape" + shape_code(s) + "\n\n";
    text += line("state", p.state, "bytes: " + cache_text(s));
    text += line("scratch", p.scratch,
                 "bytes: " + with_commas(whole(s.max_queries)) +
                     (s.max_queries == 1 ? " token at a time, " : " tokens at once, ") +
                     std::to_string(p.workers) + (p.workers == 1 ? " worker" : " workers") +
                     "; all layers of a model may share it");
    text += line("weights", p.weights, "bytes, packed; usually const, in flash");
    text += line("together", together(p), "bytes");
    text += "\nA token that sees " + with_commas(whole(p.keys)) + " keys:\n\n";
    text += line("projections", whole(c.projection_multiply_adds), "multiply-adds");
    text += line("attention", whole(c.attention_multiply_adds), "multiply-adds");
    text += line("together", whole(c.multiply_adds()), "multiply-adds");
    text += line("weights", whole(c.weight_bytes),
                 s.max_queries == 1 ? "bytes read"
                                    : "bytes read, once for up to " +
                                          with_commas(whole(s.max_queries)) + " tokens of a call");
    text += line("cache", whole(c.cache_bytes_read), "bytes read");
    text += line("", whole(c.cache_bytes_written), "bytes written");
    return text + line("together", whole(c.bytes()), "bytes moved");
}

std::string plan_table(const std::vector<Plan>& plans) {
    constexpr const char* row = "%6s %6s %6s %14s %12s %14s %14s   %16s %14s\n";
    char text[240];
    std::snprintf(text, sizeof text, row, "", "kv", "head", "state", "scratch", "weights",
                  "together", "multiply-adds", "bytes moved");
    std::string table = text;
    std::snprintf(text, sizeof text, row, "heads", "heads", "width", "bytes", "bytes", "bytes",
                  "bytes", "for a token", "for a token");
    table += text;
    for (const Plan& p : plans) {
        std::snprintf(text, sizeof text, row, std::to_string(p.shape.heads).c_str(),
                      std::to_string(p.shape.kv_heads).c_str(),
                      std::to_string(p.shape.head_dim).c_str(), with_commas(p.state).c_str(),
                      with_commas(p.scratch).c_str(), with_commas(p.weights).c_str(),
                      with_commas(together(p)).c_str(),
                      with_commas(whole(p.cost.multiply_adds())).c_str(),
                      with_commas(whole(p.cost.bytes())).c_str());
        table += text;
    }
    return table + "\nFor a token that sees " + with_commas(whole(plans.front().keys)) + " keys.\n";
}

std::string plan_json(const std::vector<Plan>& plans) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const Plan& p : plans) {
        const Shape& s = p.shape;
        nlohmann::ordered_json one;
        one["shape"] = {{"model_dim", s.model_dim},
                        {"heads", s.heads},
                        {"kv_heads", s.kv_heads},
                        {"head_dim", s.head_dim},
                        {"value_dim", s.value_dim},
                        {"key_source_dim", s.key_source_dim},
                        {"value_source_dim", s.value_source_dim},
                        {"output_dim", s.output_dim},
                        {"extra_key", s.extra_key},
                        {"rotary_dim", s.rotary_dim},
                        {"max_queries", s.max_queries},
                        {"max_keys", s.max_keys},
                        {"window", s.window},
                        {"sinks", s.sinks}};
        one["workers"] = p.workers;
        one["state_bytes"] = p.state;
        one["scratch_bytes"] = p.scratch;
        one["weights_bytes"] = p.weights;
        one["keys"] = p.keys;
        one["projection_multiply_adds"] = p.cost.projection_multiply_adds;
        one["attention_multiply_adds"] = p.cost.attention_multiply_adds;
        one["weight_bytes_read"] = p.cost.weight_bytes;
        one["cache_bytes_read"] = p.cost.cache_bytes_read;
        one["cache_bytes_written"] = p.cost.cache_bytes_written;
        all.push_back(std::move(one));
    }
    return all.dump(2) + "\n";
}

std::string plan_header(const std::string& name, const Plan& p) {
    const std::string prefix = upper(name), guard = prefix + "_PLAN_H";
    std::string text = "/* Made by `headroom plan` for headroom::Shape" + shape_code(p.shape) +
                       "\n   and " + std::to_string(p.workers) +
                       (p.workers == 1 ? " worker" : " workers") +
                       ": do not edit. Each arena is aligned to 64 bytes. */\n";
    text += "#ifndef " + guard + "\n#define " + guard + "\n\nenum {\n";
    const std::pair<const char*, std::size_t> sizes[] = {
        {"STATE", p.state}, {"SCRATCH", p.scratch}, {"WEIGHTS", p.weights}};
    for (const auto& [arena, bytes] : sizes) {
        // C99 knows no larger constant of an enum.
        if (bytes > static_cast<std::size_t>(std::numeric_limits<int>::max()))
            throw UserError("plan: " + with_commas(bytes) + " bytes are more than a C enum holds");
        text += "    " + prefix + "_" + arena + "_BYTES = " + std::to_string(bytes) +
                (arena == sizes[2].first ? "\n" : ",\n");
    }
    return text + "};\n\n#endif\n";
}

}  // namespace headroom::tools
