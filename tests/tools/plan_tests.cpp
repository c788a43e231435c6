// The numbers of `headroom plan`, and what it refuses.
#include <doctest.h>

#include "tools/plan.hpp"

#include <headroom/multi_head_attention.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "tools/user_error.hpp"

using headroom::Shape;
using namespace headroom::tools;

namespace {

constexpr Shape shape{
    .model_dim = 64, .heads = 8, .kv_heads = 4, .max_queries = 16, .max_keys = 512};
using Layer = headroom::MultiHeadAttention<shape>;

std::string complaint(const Shape& s, int workers = 1, std::int64_t keys = -1) {
    try {
        (void)make_plan(s, workers, keys);
        return "ok";
    } catch (const UserError& error) {
        return error.what();
    }
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("plan: the bytes are those of the layer's constants") {
    const Plan p = make_plan(shape, 1, -1);
    CHECK(p.state == Layer::state_bytes);
    CHECK(p.scratch == Layer::scratch_bytes);
    CHECK(p.weights == Layer::weights_bytes);
    CHECK(make_plan(shape, 3, -1).scratch == Layer::scratch_bytes_for(3));
    CHECK(p.keys == 512);
    CHECK(make_plan(shape, 1, 7).keys == 7);
    CHECK(make_plan(shape, 1, 0).cost.attention_multiply_adds == 0);
}

TEST_CASE("plan: text, table, JSON and C header hold the numbers") {
    const Plan p = make_plan(shape, 1, -1);
    const std::string text = plan_text(p);
    CHECK(contains(text, "131,136"));
    CHECK(contains(text, ".kv_heads = 4"));
    Shape more = shape;
    more.heads = 16;
    const Plan q = make_plan(more, 1, -1);
    const std::string table = plan_table({p, q});
    CHECK(contains(table, "131,136"));
    CHECK(contains(table, "For a token that sees 512 keys."));

    const auto json = nlohmann::json::parse(plan_json({p, q}));
    REQUIRE(json.size() == 2);
    CHECK(json[0]["state_bytes"] == Layer::state_bytes);
    CHECK(json[0]["scratch_bytes"] == Layer::scratch_bytes);
    CHECK(json[0]["weights_bytes"] == Layer::weights_bytes);
    CHECK(json[0]["attention_multiply_adds"] == 512 * 8 * 16);
    CHECK(json[1]["shape"]["heads"] == 16);
    CHECK(json[1]["shape"]["head_dim"] == 4);

    const std::string header = plan_header("layer_0", p);
    CHECK(contains(header, "LAYER_0_STATE_BYTES = " + std::to_string(Layer::state_bytes) + ","));
    CHECK(contains(header, "LAYER_0_WEIGHTS_BYTES = " + std::to_string(Layer::weights_bytes)));
}

TEST_CASE("plan: what there cannot be is named") {
    const auto with = [](auto change) {
        Shape s = shape;
        change(s);
        return complaint(s);
    };
    CHECK(complaint(shape) == "ok");
    CHECK(contains(with([](Shape& s) { s.heads = 7; }),
                   "--model-dim 64 is no multiple of --heads 7"));
    CHECK(contains(with([](Shape& s) { s.kv_heads = 3; }),
                   "--heads 8 is no multiple of --kv-heads 3"));
    CHECK(contains(with([](Shape& s) { s.max_keys = 0; }), "--max-keys"));
    CHECK(contains(with([](Shape& s) { s.rotary_dim = 7; }), "--rotary-dim 7"));
    CHECK(contains(with([](Shape& s) { s.rotary_dim = 10; }), "a head, which has 8"));
    CHECK(contains(with([](Shape& s) { s.max_queries = 1 << 20; }), "no layer of this shape"));
    CHECK(contains(complaint(shape, 1, 513), "a token can see 512 at most"));
    Shape large = shape;
    large.max_keys = std::int64_t{1} << 40;
    CHECK(contains(complaint(large), "can be counted below 2^32; give --keys"));
    CHECK(complaint(large, 1, 100) == "ok");
    bool refused = false;
    try {
        (void)plan_header("layer", make_plan(large, 1, 100));
    } catch (const UserError&) {
        refused = true;
    }
    CHECK(refused);
}
